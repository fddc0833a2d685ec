// The twelve pages. A paragraph may have numbers that are read from the network, {name}; links, [words](room/path?key=value); and letters of formulas, _x_. A line
// that begins with @ places a formula, a figure, a table or the controls.

export interface PageText {
  readonly title: string;
  readonly blocks: readonly string[];
  readonly question: string;
  readonly answer: string;
  /** Where the reader goes on. */
  readonly links: readonly string[];
  readonly sources: readonly string[];
}

const KRIZHEVSKY =
  "A. Krizhevsky, I. Sutskever and G. Hinton (2012). ImageNet classification with deep convolutional neural networks. NIPS 25";
const SZEGEDY = "C. Szegedy et al. (2015). Going deeper with convolutions. CVPR";
const GOODFELLOW = "I. Goodfellow, Y. Bengio and A. Courville (2016). Deep Learning. MIT Press";
const CAFFE = "Y. Jia et al. (2014). Caffe: Convolutional architecture for fast feature embedding. ACM Multimedia";

export const PAGE_TEXTS: Readonly<Record<string, PageText>> = {
  convolution: {
    title: "What a convolution computes",
    blocks: [
      "The first layer of AlexNet looks at the picture through small windows. In the network of this page it has {filters} filters. A filter is a block of weights: {side} × {side} for each of the {inputs} colours.",
      "@maps",
      "Point at the last figure, the map, or move over it with the arrow keys. The frame on the input shows where the filter lies.",
      "@controls",
      "To make one number of the map, the layer multiplies each weight by the input beneath it, adds the products, and adds a bias:",
      "@formula convolution",
      "_x_ is the input, _w_ the filter and _b_ its bias. _m_ counts filters, _c_ input channels, _r_ and _t_ the rows and columns of the filter. From one output to the next the filter moves by the stride _s_, here {stride}.",
      "At row {row}, column {column} of map {channel} there are {products} products. With the bias they add up to {sum} in float64. The network has {value} there.",
      "@table products",
      "The same {weights} weights serve all {rows} × {rows} positions of the maps, so a pattern is found wherever it lies. A layer that joined each input to each output would need a weight for each pair. Strictly, this is a cross-correlation: a convolution in the mathematical sense would mirror the filter first. As the weights are learnt, nothing depends on that.",
    ],
    question: "All pixels become darker by the same amount _d_. By how much does an output change, if its window lies inside the picture?",
    answer:
      "By _d_ times the sum of the filter's weights. A filter whose weights add up to 0 does not notice: it answers to differences alone, as an edge filter does.",
    links: [
      "[This number in Look](look/conv1?net=alexnet&c={channel}&at={row},{column})",
      "[All filters of conv1](look/conv1?net=alexnet&tab=filter)",
      "[The kernel that computes it](kernel/relu1#0?net=alexnet)",
    ],
    sources: [
      "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner (1998). Gradient-based learning applied to document recognition. Proceedings of the IEEE 86(11), section II",
      `${KRIZHEVSKY}, section 3.5`,
      `${GOODFELLOW}, section 9.1`,
    ],
  },

  sizes: {
    title: "Padding, stride and sizes",
    blocks: [
      "How large is the output of a layer? Count the windows that fit. Along one axis of _n_ pixels, with _p_ pixels of padding at each end, windows of _k_ pixels begin every _s_ pixels:",
      "@formula sizes",
      "A convolution rounds down: pixels at the end that fill no window are left out. Pooling, by the rule of Caffe, rounds up: a last window may reach beyond the map, and only its part inside counts.",
      "@controls",
      "@windows",
      "With {extent} pixels, windows of {size}, stride {stride} and padding {pad}, a convolution has {convolution} outputs along this axis, and pooling has {pooling}.",
      "The table has each convolution and pooling layer of the small AlexNet. Sizes by the rule and sizes in the network agree in {agreeing} of {layers} layers. From {input} pixels the maps shrink to {last}.",
      "@table layers",
      "@maps",
      "Each figure has the map with the largest value of its layer. Stride makes maps coarser: a pixel of pool2 stands for a large part of the picture.",
      "The paper gives AlexNet's input as 224 pixels. With windows of 11, stride 4 and no padding these do not come out even: 213 is not a multiple of 4. Caffe's model, and this project's, takes 227, which gives 55 windows.",
    ],
    question: "Stride 1: which padding keeps a map's size with windows of 3, of 5, of 11 pixels? And of 4?",
    answer:
      "(_k_ − 1) / 2: 1, 2 and 5. With an even _k_ the same padding at both ends cannot keep it: the map grows or shrinks by one. That is why filters have odd sides almost everywhere.",
    links: [
      "[Layer by layer in Look, from pool1 on](look/pool1?net=alexnet)",
      "[The memory that maps take, in Plan](plan?net=alexnet)",
      "[The next page: ReLU and max pooling](textbook/gates)",
    ],
    sources: [
      `${KRIZHEVSKY}, section 3.5`,
      `${CAFFE}; the rules are in its src/caffe/layers/base_conv_layer.cpp, conv_layer.cpp and pooling_layer.cpp`,
      "V. Dumoulin and F. Visin (2016). A guide to convolution arithmetic for deep learning. arXiv:1603.07285",
    ],
  },

  gates: {
    title: "ReLU and max pooling",
    blocks: [
      "A convolution is linear in its input. Two in a row, with nothing between them, are one linear map again. So something that is not linear stands after each: in AlexNet and GoogLeNet the rectified linear unit, ReLU.",
      "@formula relu",
      "What is above 0 passes, the rest becomes 0. In this picture {zeros} % of what leaves the first ReLU is 0, and {ownZeros} % of this map. Max pooling then keeps the largest value of each window:",
      "@formula pooling",
      "@maps",
      "@controls",
      "Point at the pooled map. At row {row}, column {column} the window has {window} values, of which {negative} were not above 0 before the ReLU. The largest is {most}, at {winner}. The network has {value}. A maximum rounds nothing, so the two agree in every bit.",
      "@table window",
      "The maps go from {from} to {to} pixels a side. The windows are 3 wide with stride 2, so neighbours overlap.",
      "Both are gates for the gradient, too. It comes back through a ReLU only where the input was above 0, and through a maximum only to the pixel that won; of equal ones, in this project, to the first. Nothing shrinks it on the way, as the flat ends of a sigmoid would.",
    ],
    question: "Would it make a difference to pool first and rectify afterwards?",
    answer:
      "Not to the result: the maximum of max(_x_, 0) is the max(·, 0) of the maximum, as ReLU never reverses an order. It would take fewer operations, as there are fewer values after pooling. In these networks the ReLU costs next to nothing: it is part of the convolution's kernel.",
    links: [
      "[This window in Look](look/pool1/3x3_s2?net=googlenet&c={channel}&at={row},{column})",
      "[The gradient that passes this ReLU](look/conv1/relu_7x7?net=googlenet&tab=gradient&c={channel})",
      "[Train without the first ReLU, in Learn](learn?net=alexnet&off=relu1)",
    ],
    sources: [
      "V. Nair and G. Hinton (2010). Rectified linear units improve restricted Boltzmann machines. ICML",
      "X. Glorot, A. Bordes and Y. Bengio (2011). Deep sparse rectifier neural networks. AISTATS",
      `${KRIZHEVSKY}, sections 3.1 and 3.4`,
    ],
  },

  normalisation: {
    title: "Local response normalization",
    blocks: [
      "AlexNet divides what a ReLU gives by a number that grows with the activity of neighbouring channels at the same pixel. A strong answer damps its neighbours:",
      "@formula lrn",
      "_a_ is the input, _b_ the output, and the sum runs over {size} channels, fewer at both ends. Here _k_ = {k}, _α_ = {alpha} and _β_ = {beta}.",
      "@maps",
      "@controls",
      "At row {row}, column {column} of map {channel} the input is {own}. The squares of the channels around it add up to {squares}, so the scale _S_ is {scale} and the factor {factor}. In float64 the result is {exact}; the network has {value}.",
      "@table neighbours",
      "With such numbers the layer does next to nothing: the largest scale of all pixels and channels is {largest}, whose factor is {least}. This network's activations are small. With _α_ = {changedAlpha} the result here would be {changed}: change the power above and see when the layer begins to matter.",
      "The paper has _k_ = 2 and does not divide _α_ by _n_; Caffe divides, and its reference models leave _k_ at 1. The paper reports that the layer lowers the top-1 error by 1.4 and the top-5 error by 1.2 percentage points. Simonyan and Zisserman later saw no gain from it, and hardly any network since has it.",
    ],
    question: "Could the layer change which of two channels is larger at a pixel?",
    answer:
      "Yes: each is divided by the scale of its own neighbourhood, and these differ. A channel among busy neighbours can fall below one that was weaker but stands alone.",
    links: [
      "[This number in Look](look/norm1?net=alexnet&c={channel}&at={row},{column})",
      "[What a kernel for it looks like](kernel?net=alexnet)",
      "[Train without it, in Learn](learn?net=alexnet&off=lrn)",
    ],
    sources: [
      `${KRIZHEVSKY}, section 3.3`,
      `${CAFFE}; the layer is in its src/caffe/layers/lrn_layer.cpp`,
      "K. Simonyan and A. Zisserman (2015). Very deep convolutional networks for large-scale image recognition. ICLR, section 2.1",
    ],
  },

  inception: {
    title: "Why Inception: small convolutions side by side",
    blocks: [
      "Which size should a filter have? GoogLeNet does not choose. An Inception module applies 1 × 1, 3 × 3 and 5 × 5 convolutions and a max pooling to the same maps, and stacks their outputs. The module of this page takes {inputs} maps and makes {output}: {n1} + {n3} + {n5} + {projection}.",
      "@controls",
      "@maps",
      "Large windows are costly. The number of products of a convolution is",
      "@formula products",
      "so the 5 × 5 branch, taken directly from {inputs} maps, would need {direct5} products. A 1 × 1 convolution in front of it mixes the maps into {reduce5}, at each pixel by itself. With it the branch takes {reduced5}: {ratio5} times fewer.",
      "@table branches",
      "The whole module takes {products} products instead of {naive}, {ratio} times fewer, and has {weights} weights. (The pooling branch has a 1 × 1 convolution as well, behind the pooling: without it, every module would hand on all of its input maps and grow.)",
      "A 1 × 1 convolution is a small fully connected layer that is applied to the channels of each pixel. With a ReLU behind it, it is not only a saving: it adds a nonlinear step. Lin et al. proposed it for that reason.",
      "For the full network, table 1 of the paper has the channels of all nine modules; the small one here has a quarter of them, rounded to multiples of 8.",
    ],
    question: "In which case would a 1 × 1 reduction cost more than it saves?",
    answer:
      "If it hardly reduces. For _c_ inputs, _q_ reduced maps and _o_ outputs, each pixel takes _c q_ + 25 _q o_ products against 25 _c o_. With _q_ = _c_ the first is larger by _c_². For 3 × 3 put 9 for 25: there is less to save.",
    links: [
      "[The module's output in Look](look/inception_{module}/output?net=googlenet)",
      "[How the module's three 1 × 1 convolutions become one launch, in Plan](plan?net=googlenet)",
      "[The shape of the module's memory, without that pass](plan?net=googlenet&without=inception)",
    ],
    sources: [`${SZEGEDY}, section 4, figure 2 and table 1`, "M. Lin, Q. Chen and S. Yan (2014). Network in network. ICLR"],
  },

  loss: {
    title: "Softmax and loss",
    blocks: [
      "The last layer gives one score _z_ for each of the {classes} classes. Softmax makes probabilities of them, and the loss is the negative logarithm of the label's probability:",
      "@formula softmax",
      "@maps",
      "@controls",
      "For this picture the likeliest class is {likeliest}, with {first}. If the right answer were {label}, its probability would be {p}, in float64 {exact}, and the loss {loss}. A network that knows nothing gives each class the same probability; its loss is the logarithm of the number of classes, {chance}.",
      "@bars probabilities",
      "Add something to the label's score: with {added} added the loss is {changed}. Only differences of scores matter. Adding the same number to all of them changes nothing, so the largest can be subtracted first, and no exponential overflows.",
      "@table scores",
      "The gradient of the loss with respect to the scores is simple: probability less 1 for the label, the probability itself for each other class. For the label the definition gives {gradientExact}, and the network, going backwards, {gradient}. All of them add up to {gradientSum}, but for rounding 0: what is taken from some classes is given to the label.",
    ],
    question: "A network is quite wrong: the label's probability is nearly 0. How large can the gradient at a score become?",
    answer:
      "Never more than 1 in size, though the loss grows without bound. With squared errors behind the softmax it would nearly vanish there: the most mistaken network would learn least.",
    links: [
      "[The scores in Look](look/fc8?net=alexnet)",
      "[The loss's gradient at the scores](look/fc8?net=alexnet&tab=gradient&of=loss:0)",
      "[Losses of many pictures, in Cases](cases?net=alexnet)",
    ],
    sources: [`${GOODFELLOW}, section 6.2.2.3`, `${CAFFE}; the layer is in its src/caffe/layers/softmax_loss_layer.cpp`],
  },

  gradient: {
    title: "How a gradient comes back",
    blocks: [
      "Learning asks of each weight: if it grew a little, how much would the loss grow? Take one weight of conv2. It is used at every position of the output map, each time with another input. So its gradient is a sum over the positions of what came in times the gradient of what went out:",
      "@formula gradient",
      "@maps",
      "@controls",
      "The first figure is the channel that the weight sees, {before}. The second is dL/dy: how the loss changes with each output, which came back from the layers behind in the same way. Point at it: at row {row}, column {column} dL/dy is {dy}, the input was {x}, and their product is {product}.",
      "@table terms",
      "The {positions} products of weight {place} add up to {sum} in float64. The network's own backward pass has {gradient}.",
      "A third way needs no backward pass: compute the loss with the weight a little larger and a little smaller, and divide the difference by the distance. That gives {slope}. It agrees up to rounding and to the bend of the loss between the two. But it takes two forward passes for each weight, where backpropagation gives all gradients at about the cost of two.",
      "The loss here is that of the label {label}. With the right label the network is so sure that hardly any gradient is left.",
    ],
    question: "The input at some position is 0, as it often is after a ReLU. What does that position teach this weight?",
    answer:
      "Nothing: its product is 0, whatever the gradient behind. A weight learns only from positions where its input was active and where the loss depends on its output.",
    links: [
      "[The gradient of conv2's map in Look](look/conv2?net=alexnet&tab=gradient&c={output})",
      "[A weight's whole life, in Weight](weight/{weight}?net=alexnet)",
      "[The kernels of a training step](kernel?net=alexnet&step=training)",
    ],
    sources: [
      "D. Rumelhart, G. Hinton and R. Williams (1986). Learning representations by back-propagating errors. Nature 323, 533–536",
      `${GOODFELLOW}, sections 6.5 and 9.5`,
    ],
  },

  descent: {
    title: "Gradient descent with momentum and weight decay",
    blocks: [
      "A step of learning moves every weight _w_ against its gradient _g_, with a velocity _v_ that remembers earlier steps:",
      "@formula descent",
      '_η_ is the learning rate, _μ_ the momentum and _λ_ the weight decay, which pulls weights towards 0. "Stochastic" says that _g_ is that of a few pictures at a time and not of all.',
      "@controls",
      "@lines path",
      "The loss of this figure is a bowl, {steep} times steeper in one direction than in the other. Without momentum, a rate above {limit} makes the steep direction diverge, so the flat one has to be slow. Velocity adds up where gradients agree and cancels where they alternate. After {steps} steps the loss fell from {begin} to {loss}; without momentum, at the same rate, to {plain}.",
      "@lines losses",
      "The lowest loss is where the first weight is {lowest}; it ends at {x}. Weight decay moves the goal: raise _λ_, and the end moves towards 0.",
      "A weight of this page's AlexNet, conv2 at {place}, is {start}, and its gradient, if the label were {label}, {gradient}. With rate 0.01, momentum 0.9 and decay 0.0005, the first step has velocity {velocity} and leaves it at {next}.",
      "The paper uses momentum 0.9 and weight decay 0.0005. In its update the rate stands inside the velocity, as here, so a lower rate brakes gradually.",
    ],
    question: "A gradient stays the same for many steps. How much faster does momentum 0.9 move the weight in the end?",
    answer:
      "Ten times: the velocity approaches _η g_ / (1 − _μ_). That is why a rate that suits plain descent can be too high with momentum.",
    links: [
      "[Watch a network learn with this momentum](learn?net=alexnet&mom={momentum})",
      "[The same without momentum](learn?net=alexnet&mom=0)",
      "[One weight's updates with numbers, in Weight](weight/{weight}?net=alexnet)",
    ],
    sources: [
      `${KRIZHEVSKY}, section 5`,
      `${GOODFELLOW}, sections 7.1.1 and 8.3`,
      "B. Polyak (1964). Some methods of speeding up the convergence of iteration methods. USSR Computational Mathematics and Mathematical Physics 4(5), 1–17",
    ],
  },

  starts: {
    title: "Starts and dead units",
    blocks: [
      "Before the first step, weights are random. If they all were equal, the units of a layer would compute the same, get the same gradient, and stay equal. But how large should they be? A unit adds _n_ products; if weights and inputs are independent and the weights have mean 0,",
      "@formula starts",
      "so a layer multiplies the signal by about the same factor each time, and a stack of layers by that factor to the power of its depth.",
      "@controls",
      "@bars signal",
      "This is computed here: {layers} fully connected layers of {width} units and weights of deviation {deviation}. The signal begins at about 1, is {first} after the first layer and {last} after the last. Glorot and Bengio asked for weights that keep the variance, forwards and backwards, of a linear stack. A ReLU removes half of the mean square, so He et al. doubled the variance. Mishkin and Matas measure instead: they scale each layer on real data until its output has variance 1 (LSUV).",
      "Gradients shrink or grow in the same way on the way back. Too large a start, or too large a step, can also leave units dead: never above 0 for any picture, so without gradient and for good. Here is what the trained AlexNet of this page does for one picture:",
      "@table dead",
      "@maps",
      "In {name}, {silent} % of the {units} units are silent for this picture. That is no fault by itself: another picture wakes others. Dead are those that no picture wakes.",
    ],
    question: "Without ReLU, which of the starts keeps the size of the signal?",
    answer:
      'Xavier: a linear layer needs variance 1 / _n_. He\'s start, made for ReLU, then multiplies the signal by √2 in each layer, by 64 in twelve. Choose "without" and see.',
    links: [
      "[A network that starts with equal weights, in Learn](learn?net=alexnet&start=equal)",
      "[The same from the reference model's fillers](learn?net=alexnet&start=reference)",
      "[The silent units in Look](look/relu7?net=alexnet)",
    ],
    sources: [
      "X. Glorot and Y. Bengio (2010). Understanding the difficulty of training deep feedforward neural networks. AISTATS, section 4.2",
      "K. He, X. Zhang, S. Ren and J. Sun (2015). Delving deep into rectifiers. ICCV, section 2.2",
      "D. Mishkin and J. Matas (2016). All you need is a good init. ICLR",
    ],
  },

  heads: {
    title: "Auxiliary heads",
    blocks: [
      "A gradient comes back through every layer that lies between the loss and a weight. GoogLeNet is deep, and at the start its first layers get little. While it trains, two small classifiers stand half-way, behind inception_4a and inception_4d. Their losses are added with weight 0.3:",
      "@formula heads",
      "This page computes an untrained GoogLeNet of an eighth of the channels with 4 classes, in float64, once with its heads and once without. For this picture and the last class the main loss is {loss3}. With weight {auxiliary} the heads add {loss1} and {loss2}.",
      "@controls",
      "@bars ratios",
      "At the output of conv1 the gradient has size {first} with the heads and {main} without: {ratio} times as much. Behind inception_4d the heads change nothing, as nothing there leads to them. Without heads the gradient is {faded} times smaller at conv1 than at inception_5b.",
      "@table gradients",
      "@maps",
      "The heads also ask the middle of the network for maps that distinguish the classes. After training they are taken away: the network that scores has no trace of them.",
      "The paper calls this a way to combat vanishing gradients while providing regularization. In later work Szegedy et al. saw no benefit early in training and a small one near the end, and took the heads for regularizers. GoogLeNet appeared before batch normalization, which eases the same trouble in another way. Other seeds give other factors: try some.",
    ],
    question: "Why is the weight of the heads 0.3 and not 1?",
    answer:
      "Their answers are not used in the end. With a large weight the middle would be shaped for an early decision, and the layers behind would get what is left. 0.3 is the paper's choice; it gives no comparison with others.",
    links: [
      "[Train with heads, in Learn](learn?net=googlenet)",
      "[Train without](learn?net=googlenet&aux=0)",
      "[The kernels of a training step, heads included](kernel?net=googlenet&step=training)",
    ],
    sources: [
      `${SZEGEDY}, section 5`,
      "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna (2016). Rethinking the Inception architecture for computer vision. CVPR, section 4",
      "S. Ioffe and C. Szegedy (2015). Batch normalization: accelerating deep network training by reducing internal covariate shift. ICML",
    ],
  },

  workgroup: {
    title: "What a workgroup does",
    blocks: [
      "A GPU runs a small program, the kernel, many times at once. Each run is an invocation. Invocations come in workgroups, which share fast memory and can wait for each other. To launch a kernel is to say how many workgroups run.",
      "@controls",
      "@maps",
      "This is one launch, {id}, a kernel of the family {family}. The map shows who makes what: the kernel ran once more with each store replaced by a note of its workgroup's number. {workgroups} workgroups of {invocations} invocations make {outputs} outputs. Point at a pixel: workgroup {owner} makes {own} of them. {recorded}",
      "Why not one invocation for each output, all by themselves? Each output needs {depth} products{note}, so {alone} values read from memory. But outputs of one map use the same filter, and outputs at one pixel the same inputs. A workgroup that makes a tile of _T_ × _T_ outputs (_T_ pixels, _T_ maps) reads each input once for _T_ maps and each weight once for _T_ pixels:",
      "@formula tiles",
      "With _K_ = {depth} and tiles of {tile} × {tile} these are {read} values for each output.",
      "@bars reads",
      "That matters because arithmetic is cheap and memory slow. This launch needs {flops} multiplications and additions, and has to move {bytes} bytes at least: {intensity} operations a byte. The roofline says what is possible: the smaller of the device's peak of arithmetic, and its bandwidth times that number.",
      "Larger tiles read less, until registers and shared memory run out, or too few workgroups are left to fill the GPU.",
    ],
    question: "In which order do the workgroups run?",
    answer:
      "In none that a program may rely on. They may run one after the other or all at once, and cannot wait for each other within a launch. So a kernel is right only if each result is the same in every order.",
    links: [
      "[This launch in Kernel: its text, time and roofline](kernel/{id}?net=alexnet)",
      "[The same layer as the textbook kernel writes it](kernel/{id}?net=alexnet&family=textbook)",
      "[All launches of a pass, in Plan](plan?net=alexnet)",
    ],
    sources: [
      "S. Williams, A. Waterman and D. Patterson (2009). Roofline: an insightful visual performance model for multicore architectures. Communications of the ACM 52(4), 65–76",
      "W3C. WebGPU Shading Language, sections on compute shaders and workgroups",
    ],
  },

  auc: {
    title: "How sure an AUC is: DeLong's interval",
    blocks: [
      "A test gives each case a score. The area under its ROC curve, the AUC, has a plain meaning: the probability that a case with the finding has a higher score than one without, ties counted half.",
      "@formula auc",
      "Here are {positives} invented cases with the finding and {negatives} without: {pairs} pairs, of which {won} are in the right order. So the AUC is {area}.",
      "@controls",
      "@lines roc",
      "Other cases would have given another number. How far could it be off? DeLong et al. look at each case: the share of the opposite cases that it beats. The variance of these shares, over the cases of each kind, gives that of the AUC:",
      "@formula delong",
      "_S_₁₀ is the variance among the _m_ cases with the finding, _S_₀₁ that among the _n_ without.",
      "@table cases",
      "The standard error here is {deviation}. The study of this project takes the interval on the scale of log(_A_ / (1 − _A_)), so that it stays between 0 and 1: {low} to {high}, around {auc}. Change a score, and see both move.",
      "With four copies of all cases the curve would be the same and the interval about half as wide; it is {width} now. Copies of cases are no new cases, of course: this only shows what more patients would bring. Slices of one patient are copies of that kind, so the study counts patients.",
    ],
    question: "Two networks score the same cases; their intervals overlap. Does that show that neither is better?",
    answer:
      "No. Both see the same easy and hard cases, so their errors go together, and the difference can be known better than either AUC. DeLong's method has the covariance of the two areas, and the study tests the difference with it.",
    links: [
      "[ROC curve and interval of scored pictures, in Cases](cases)",
      "[How many cases a study needs, in Study](study)",
      "[A confident mistake and a shy one: softmax and loss](textbook/loss)",
    ],
    sources: [
      "E. DeLong, D. DeLong and D. Clarke-Pearson (1988). Comparing the areas under two or more correlated receiver operating characteristic curves. Biometrics 44(3), 837–845",
      "J. Hanley and B. McNeil (1982). The meaning and use of the area under a receiver operating characteristic (ROC) curve. Radiology 143(1), 29–36",
      "X. Sun and W. Xu (2014). Fast implementation of DeLong's algorithm for comparing the areas under correlated receiver operating characteristic curves. IEEE Signal Processing Letters 21(11), 1389–1393",
    ],
  },
};
