/** What other tabs say about rows, entries and the connection, applied to the memory of this tab. */
import { reload } from "./load.ts";
import type { Message, Tab } from "./tab.ts";

/** Apply a message of another tab. */
export function applyMessage(tab: Tab, message: Message): void {
  const { memory } = tab;
  switch (message.type) {
    case "page":
      // Another token than ours: this tab has missed a page.
      if (!message.reset && message.from !== tab.state.peek().token) void reload(tab);
      else {
        memory.change(() => {
          if (message.reset) memory.clearServer();
          memory.applyPage(message.page);
          memory.putEntries(message.put);
          memory.dropEntries(message.dropped);
          tab.state.value = message.state;
        });
      }
      break;
    case "entries":
      memory.change(() => {
        memory.putEntries(message.put);
        memory.dropEntries(message.dropped);
      });
      break;
    case "refused":
      memory.refused.value = message.refused;
      break;
    case "notices":
      tab.notices.value = [...tab.notices.peek(), ...message.notices];
      break;
    case "connection":
      tab.connection.value = message.connection;
      break;
  }
}
