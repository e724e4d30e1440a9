import { render } from "preact";
import "./styles/tokens.css";

render(<p>Taskstead</p>, document.getElementById("app")!);
