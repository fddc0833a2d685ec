"""AlexNet and GoogLeNet in PyTorch, by the same definition as src/models: BVLC's reference networks with Caffe's arithmetic.

Activations are [images, channels, height, width]. Parameters carry Caffe's names and shapes, as our weight files do, so that those files
fit without a translation. Only what a step computes is here; torch_twin.py checks it against ours and times it.
"""

import math

import torch
import torch.nn.functional as F

SIZE = {"alexnet": 227, "googlenet": 224}
WEIGHT_DECAY = {"alexnet": 5e-4, "googlenet": 2e-4}
MOMENTUM = 0.9


class Network:
    """Parameters by name, and the two passes. They are made when the network first runs: their shapes follow from what they meet."""

    def __init__(self, name, classes=1000, width=1.0, size=None, device="cpu"):
        self.name, self.classes, self.width, self.device = name, classes, width, device
        self.size = size or SIZE[name]
        self.parameters = {}
        self._build = {"alexnet": alexnet, "googlenet": googlenet}[name]
        with torch.no_grad():
            self(torch.zeros(1, 3, self.size, self.size, device=device), training=True)
        for value in self.parameters.values():
            value.requires_grad_()

    def __call__(self, x, training=False, masks=None):
        """Heads as (logits, loss weight), the main one first. With `masks`, by layer, dropout multiplies by them instead of drawing."""
        return self._build(Layers(self, training, masks), x)

    def count(self, heads):
        """Parameters, with or without the auxiliary heads."""
        return sum(value.numel() for name, value in self.parameters.items() if heads or not name.startswith(("loss1/", "loss2/")))

    def to_channels_last(self):
        for value in self.parameters.values():
            if value.dim() == 4:
                value.data = value.data.contiguous(memory_format=torch.channels_last)


class Layers:
    """The words that the networks are written in, as src/models/network.ts has them."""

    def __init__(self, network, training, masks):
        self.network, self.training, self.masks = network, training, masks

    def channels(self, full):
        """At the wanted width, a multiple of 8, halves rounded up as in JavaScript."""
        return max(8, math.floor(full * self.network.width / 8 + 0.5) * 8)

    def conv(self, name, x, outputs, kernel, stride=1, pad=0, groups=1, std=None, bias=0.0):
        """Convolution, then ReLU. `std` of a gaussian filler; without it xavier."""
        shape = (self.channels(outputs), x.shape[1] // groups, kernel, kernel)
        weight, bias = self._parameters(name, shape, std, bias)
        return F.relu(F.conv2d(x, weight, bias, stride, pad, groups=groups), inplace=True)

    def inner_product(self, name, x, outputs, std=None, bias=0.0):
        x = x.flatten(1)  # channels, height, width: Caffe's order
        return F.linear(x, *self._parameters(name, (outputs, x.shape[1]), std, bias))

    def dropout(self, name, x, ratio):
        if not self.training:
            return x
        return F.dropout(x, ratio) if self.masks is None else x * self.masks[name].view_as(x)

    def lrn(self, x):
        """Across 5 channels, alpha divided by 5. In float32 whatever surrounds it: squares of activations overflow float16."""
        with torch.autocast(x.device.type, enabled=False):
            return F.local_response_norm(x.float(), 5, alpha=1e-4, beta=0.75, k=1.0).to(x.dtype)

    def max_pool(self, x, size, stride, pad=0):
        """Sizes round up and windows are clipped to the image: PyTorch's ceil_mode drops a window that would start beyond it, as Caffe does."""
        return F.max_pool2d(x, size, stride, pad, ceil_mode=True)

    def average_pool(self, x, size, stride):
        """Without padding, and in both networks without a window over the edge, so the divisor is the whole window."""
        return F.avg_pool2d(x, size, stride, ceil_mode=True)

    def _parameters(self, name, shape, std, bias):
        known = self.network.parameters
        if f"{name}/weight" not in known:
            weight = torch.empty(shape, device=self.network.device)
            bound = math.sqrt(3 / math.prod(shape[1:]))
            known[f"{name}/weight"] = weight.normal_(0, std) if std is not None else weight.uniform_(-bound, bound)
            known[f"{name}/bias"] = torch.full(shape[:1], bias, device=self.network.device)
        return known[f"{name}/weight"], known[f"{name}/bias"]


def alexnet(layers, x):
    """Krizhevsky, Sutskever and Hinton 2012, as bvlc_alexnet: convolution, ReLU, normalisation, pooling. 60,965,224 parameters."""
    y = layers.conv("conv1", x, 96, 11, stride=4, std=0.01)
    y = layers.max_pool(layers.lrn(y), 3, 2)
    y = layers.conv("conv2", y, 256, 5, pad=2, groups=2, std=0.01, bias=0.1)
    y = layers.max_pool(layers.lrn(y), 3, 2)
    y = layers.conv("conv3", y, 384, 3, pad=1, std=0.01)
    y = layers.conv("conv4", y, 384, 3, pad=1, groups=2, std=0.01, bias=0.1)
    y = layers.conv("conv5", y, 256, 3, pad=1, groups=2, std=0.01, bias=0.1)
    y = layers.max_pool(y, 3, 2)
    y = F.relu(layers.inner_product("fc6", y, layers.channels(4096), std=0.005, bias=0.1))
    y = F.relu(layers.inner_product("fc7", layers.dropout("drop6", y, 0.5), layers.channels(4096), std=0.005, bias=0.1))
    return [(layers.inner_product("fc8", layers.dropout("drop7", y, 0.5), layers.network.classes, std=0.01), 1.0)]


def googlenet(layers, x):
    """Szegedy et al. 2015, table 1, as bvlc_googlenet. 6,998,552 parameters, 13,378,280 with the heads that it has while training."""
    auxiliary = []
    y = layers.conv("conv1/7x7_s2", x, 64, 7, stride=2, pad=3, bias=0.2)
    y = layers.lrn(layers.max_pool(y, 3, 2))
    y = layers.conv("conv2/3x3_reduce", y, 64, 1, bias=0.2)
    y = layers.conv("conv2/3x3", y, 192, 3, pad=1, bias=0.2)
    y = layers.max_pool(layers.lrn(y), 3, 2)

    y = inception(layers, "inception_3a", y, 64, 96, 128, 16, 32, 32)
    y = inception(layers, "inception_3b", y, 128, 128, 192, 32, 96, 64)
    y = layers.max_pool(y, 3, 2)

    y = inception(layers, "inception_4a", y, 192, 96, 208, 16, 48, 64)
    if layers.training:
        auxiliary.append((auxiliary_head(layers, "loss1", y), 0.3))
    y = inception(layers, "inception_4b", y, 160, 112, 224, 24, 64, 64)
    y = inception(layers, "inception_4c", y, 128, 128, 256, 24, 64, 64)
    y = inception(layers, "inception_4d", y, 112, 144, 288, 32, 64, 64)
    if layers.training:
        auxiliary.append((auxiliary_head(layers, "loss2", y), 0.3))
    y = inception(layers, "inception_4e", y, 256, 160, 320, 32, 128, 128)
    y = layers.max_pool(y, 3, 2)

    y = inception(layers, "inception_5a", y, 256, 160, 320, 32, 128, 128)
    y = inception(layers, "inception_5b", y, 384, 192, 384, 48, 128, 128)
    y = layers.dropout("pool5/drop_7x7_s1", layers.average_pool(y, y.shape[2], 1), 0.4)
    return [(layers.inner_product("loss3/classifier", y, layers.network.classes), 1.0), *auxiliary]


def inception(layers, name, x, n1, n3_reduce, n3, n5_reduce, n5, projection):
    """Figure 2b of the paper."""
    conv = lambda layer, *args, **options: layers.conv(f"{name}/{layer}", *args, bias=0.2, **options)  # noqa: E731
    return torch.cat(
        [
            conv("1x1", x, n1, 1),
            conv("3x3", conv("3x3_reduce", x, n3_reduce, 1), n3, 3, pad=1),
            conv("5x5", conv("5x5_reduce", x, n5_reduce, 1), n5, 5, pad=2),
            conv("pool_proj", layers.max_pool(x, 3, 1, 1), projection, 1),
        ],
        dim=1,
    )


def auxiliary_head(layers, name, x):
    """Section 5 of the paper: a small classifier half-way."""
    y = layers.average_pool(x, min(5, x.shape[2]), 3)
    y = layers.conv(f"{name}/conv", y, 128, 1, bias=0.2)
    y = F.relu(layers.inner_product(f"{name}/fc", y, layers.channels(1024), bias=0.2))
    return layers.inner_product(f"{name}/classifier", layers.dropout(f"{name}/drop_fc", y, 0.7), layers.network.classes)


def objective(heads, labels):
    """Mean cross-entropy of every head, weighted."""
    return sum(weight * F.cross_entropy(logits.float(), labels) for logits, weight in heads)


class CaffeSgd(torch.optim.Optimizer):
    """v = momentum v + rate (g + decay w); w = w - v: the rate lies inside v. Weights learn at 1 and decay; biases learn at 2 and do not."""

    def __init__(self, network, rate):
        named = network.parameters.items()
        weights = [value for name, value in named if name.endswith("/weight")]
        biases = [value for name, value in named if name.endswith("/bias")]
        groups = [
            {"params": weights, "multiplier": 1, "decay": WEIGHT_DECAY[network.name]},
            {"params": biases, "multiplier": 2, "decay": 0.0},
        ]
        super().__init__(groups, {"rate": rate})
        self.velocity = {value: torch.zeros_like(value) for value in [*weights, *biases]}

    @torch.no_grad()
    def step(self):
        """Few launches for many parameters, as PyTorch's own optimisers do it."""
        for group in self.param_groups:
            values = group["params"]
            gradients = [value.grad for value in values]
            velocity = [self.velocity[value] for value in values]
            if group["decay"]:
                gradients = torch._foreach_add(gradients, values, alpha=group["decay"])
            torch._foreach_mul_(velocity, MOMENTUM)
            torch._foreach_add_(velocity, gradients, alpha=group["rate"] * group["multiplier"])
            torch._foreach_sub_(values, velocity)
