/** Resolution of a filter: replaces relative times by dates and times. The port of `resolution.py`. */
import type { Weekday } from "../days.ts";
import type { Now } from "../due.ts";
import { isPeriod, resolveMoment } from "./moments.ts";
import type { DateCondition, Node, Point, PointCondition } from "./nodes.ts";

/**
 * Return the tree without relative times.
 *
 * @param now - the current time in the time zone of the person.
 * @param firstWeekday - the first day of a week: 0, Monday, as on the server.
 */
export function resolveFilter(node: Node, now: Now, firstWeekday: Weekday): Node {
  switch (node.type) {
    case "and":
    case "or":
      return { ...node, parts: node.parts.map((part) => resolveFilter(part, now, firstWeekday)) };
    case "not":
      return { type: "not", part: resolveFilter(node.part, now, firstWeekday) };
    case "date":
      return resolveDates(node, now, firstWeekday);
    default:
      return node;
  }
}

function resolveDates(condition: DateCondition, now: Now, firstWeekday: Weekday): PointCondition {
  const { moments, field, start, end } = condition;
  const [one, other] = moments;
  if (one === undefined) throw new RangeError("A date condition has a moment.");
  let [first, last] = resolveMoment(one, now, firstWeekday);
  let comparison = condition.comparison;
  if (comparison === "between" && other !== undefined) {
    last = resolveMoment(other, now, firstWeekday)[1];
  } else if (comparison === "=" && isPeriod(one)) {
    comparison = "between";
  }
  let points: readonly Point[] = [first];
  if (comparison === "between") points = [first, last];
  else if (comparison === "<=") points = [last];
  return { type: "point", field, comparison, points, start, end };
}
