/** Messages of other tabs about rows, entries and the connection, applied to the memory of this tab. */
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
    case "new leader":
      // The previous leader may have stored rows without sending them to this tab.
      void reload(tab);
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
  const { token } = tab.state.peek();
  const isNext = message.reset || message.from === token;
  memory.change(() => {
    if (message.reset) memory.clearServer();
    if (isNext) {
      memory.applyPage(message.page);
      tab.state.value = message.state;
    }
    memory.putEntries(message.put);
    memory.dropEntries(message.dropped);
  });
  // This tab has missed a page. Otherwise it has read a later state from the disk.
  if (!isNext && message.state.token !== token) void reload(tab);
}
