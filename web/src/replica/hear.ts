/** What other tabs say about rows, entries and the connection, applied to the memory of this tab. */
import { reload } from "./load.ts";
import { enqueue, type Message, type Tab } from "./tab.ts";

/** Apply a message of another tab. */
export function applyMessage(tab: Tab, message: Message): void {
  const { memory } = tab;
  switch (message.type) {
    case "page":
      void enqueue(tab, () => applyPage(tab, message));
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

function applyPage(tab: Tab, message: Extract<Message, { type: "page" }>): void {
  const { memory } = tab;
  if (!message.reset && message.from !== tab.state.peek().token) {
    // This tab has missed a page, or has just read a later state.
    if (message.state.token !== tab.state.peek().token) void reload(tab);
    return;
  }
  memory.change(() => {
    if (message.reset) memory.clearServer();
    memory.applyPage(message.page);
    memory.putEntries(message.put);
    memory.dropEntries(message.dropped);
    tab.state.value = message.state;
  });
}
