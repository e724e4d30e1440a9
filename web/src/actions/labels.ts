/** Creating, changing and deleting categories, tags and saved filters. */
import type { CategoryRow, SavedFilterRow, TagRow } from "../domain/rows.ts";
import type { Change, Place, Replica } from "../replica/replica.ts";
import type { Done } from "./action.ts";

type CategoryFields = Partial<Pick<CategoryRow, "archived" | "color" | "name">>;
type TagFields = Partial<Pick<TagRow, "color" | "name">>;
type FilterFields = Partial<
  Pick<SavedFilterRow, "color" | "filter" | "group_by" | "name" | "shared" | "sort">
>;

/** Create a category. `id` is what tasks refer to. */
export async function createCategory(
  replica: Replica,
  set: CategoryFields & { readonly name: string },
): Promise<Done & { readonly id: string }> {
  const id = replica.newId();
  return { id, ...(await write(replica, { kind: "category", action: "create", id, set })) };
}

/** Rename, color or archive a category. */
export async function editCategory(
  replica: Replica,
  id: string,
  set: CategoryFields,
): Promise<Done> {
  return await write(replica, { kind: "category", action: "update", id, set });
}

/** Delete a category. Its tasks move to another category, or to the trash if there is none. */
export async function deleteCategory(
  replica: Replica,
  id: string,
  moveTo: string | null,
): Promise<Done> {
  const target = moveTo === null ? {} : { move_to: moveTo };
  return await write(replica, { kind: "category", action: "delete", id, ...target });
}

/** Create a tag. `id` is what tasks refer to. */
export async function createTag(
  replica: Replica,
  set: TagFields & { readonly name: string },
): Promise<Done & { readonly id: string }> {
  const id = replica.newId();
  return { id, ...(await write(replica, { kind: "tag", action: "create", id, set })) };
}

/** Rename or color a tag. */
export async function editTag(replica: Replica, id: string, set: TagFields): Promise<Done> {
  return await write(replica, { kind: "tag", action: "update", id, set });
}

/** Delete a tag and remove it from its tasks. */
export async function deleteTag(replica: Replica, id: string): Promise<Done> {
  return await write(replica, { kind: "tag", action: "delete", id });
}

/** Save a filter. */
export async function createFilter(
  replica: Replica,
  set: FilterFields & { readonly name: string; readonly filter: string },
): Promise<Done & { readonly id: string }> {
  const id = replica.newId();
  return { id, ...(await write(replica, { kind: "filter", action: "create", id, set })) };
}

/** Change a saved filter. */
export async function editFilter(replica: Replica, id: string, set: FilterFields): Promise<Done> {
  return await write(replica, { kind: "filter", action: "update", id, set });
}

/** Move a saved filter in the sidebar. The order of shared filters is the same for all members. */
export async function moveFilter(replica: Replica, id: string, place: Place): Promise<Done> {
  return await write(replica, { kind: "filter", action: "move", id, place });
}

/** Delete a saved filter. */
export async function deleteFilter(replica: Replica, id: string): Promise<Done> {
  return await write(replica, { kind: "filter", action: "delete", id });
}

async function write(replica: Replica, change: Change): Promise<Done> {
  const title = "set" in change && "name" in change.set ? (change.set.name ?? null) : null;
  return { count: 1, title, group: await replica.write([change]) };
}
