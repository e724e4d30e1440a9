import type { MemberRow } from "../domain/rows.ts";
import type { Replica } from "../replica/replica.ts";

/** Whether the person may change the workspace. A viewer sees no control that the server refuses. */
export function canEdit({ members, person }: Pick<Replica, "members" | "person">): boolean {
  return members.value.find(({ id }) => id === person.id)?.role !== "viewer";
}

/** The first letters of the first and the last word of a name: `AL` for Ada Lindqvist. */
export function getInitials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words;
  return chosen
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toLocaleUpperCase();
}

/** The circle with a person's initials. A name beside it or a hidden text says who it is. */
export function Avatar({
  member,
  large = false,
}: {
  member: Pick<MemberRow, "name">;
  large?: boolean;
}) {
  return (
    <span class={large ? "avatar avatar-lg" : "avatar"} aria-hidden="true">
      {getInitials(member.name)}
    </span>
  );
}
