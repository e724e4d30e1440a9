import { AppContext, type App as SignedIn } from "../features/app.ts";
import { Shell } from "../features/shell/Shell.tsx";
import { location } from "../ui/location.tsx";
import { Add } from "./Add.tsx";
import { Board } from "./Board.tsx";
import { Filter } from "./Filter.tsx";
import { Category, Inbox, Tag } from "./labels.tsx";
import { NotFound } from "./NotFound.tsx";
import { Search } from "./Search.tsx";
import { Task } from "./Task.tsx";
import { Today } from "./Today.tsx";
import { Trash } from "./Trash.tsx";
import { findPage } from "./table.ts";
import { Upcoming } from "./Upcoming.tsx";

/** The pages of a person who is signed in. */
export function App({ app }: { app: SignedIn }) {
  const page = findPage(location.value.path);
  return (
    <AppContext.Provider value={app}>
      <Shell>
        {(counts) => {
          switch (page.name) {
            case "today":
              return <Today counts={counts} />;
            case "upcoming":
              return <Upcoming />;
            case "board":
              return <Board />;
            case "inbox":
              return <Inbox />;
            case "category":
              return <Category id={page.id} />;
            case "filter":
              return <Filter id={page.id} />;
            case "tag":
              return <Tag id={page.id} />;
            case "task":
              return <Task number={page.number} />;
            case "search":
              return <Search />;
            case "trash":
              return <Trash />;
            case "add":
              return <Add />;
            default:
              return <NotFound />;
          }
        }}
      </Shell>
    </AppContext.Provider>
  );
}
