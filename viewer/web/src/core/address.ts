/** The address bar: it says what the page shows, and the page shows what it says. */

import { speak } from "./i18n";
import { view } from "./state";
import { decode, encode } from "./url";

/** Keep the address bar and the view the same, both ways, and have the words of its language. */
export async function bindAddress(): Promise<void> {
  let wait: ReturnType<typeof setTimeout> | undefined;
  let own = "";
  view.set(decode(location.hash));
  view.watch((state) => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      own = encode(state);
      history.replaceState(null, "", own ? `#${own}` : location.pathname);
    }, 200);
  });
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== own) location.reload();
  });
  await speak(view.state.language);
}
