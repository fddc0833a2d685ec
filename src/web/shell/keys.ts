// Keys of the page: a table of what each does, which the list of keys shows.

/** What a key does. */
export interface Binding {
  /** As the event names it: "ArrowLeft", "/", "?", with "Shift+" before where it is held and the key has no sign of its own. */
  readonly key: string;
  /** For the list of keys. */
  readonly does: string;
  readonly run: () => void;
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Whether a key is the focused element's own: Enter of what can be pressed. */
const isOwn = (target: EventTarget | null, key: string): boolean =>
  key === "Enter" && target instanceof HTMLElement && target.closest("a, button, summary, label") !== null;

/** Whether a key is held that makes a pressed one a command of the browser. AltGr writes signs: "[" on many keyboards. */
const isCommand = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState("AltGraph");

/** Name of a pressed key as bindings have it. */
const keyOf = ({ key, shiftKey }: KeyboardEvent): string => (shiftKey && key.length > 1 ? `Shift+${key}` : key);

/** Calls the binding of every key that is pressed outside of a field. `bindings` is asked each time. */
export function listen(bindings: () => readonly Binding[]): void {
  addEventListener("keydown", (event) => {
    if (isCommand(event) || isTyping(event.target) || isOwn(event.target, event.key)) return;
    const pressed = bindings().find(({ key }) => key === keyOf(event));
    if (!pressed) return;
    event.preventDefault();
    pressed.run();
  });
}
