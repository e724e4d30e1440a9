/** The rows of the API must carry the fields of the domain's rows. The types are the test. */
import { expectTypeOf, test } from "vitest";
import type {
  SyncedCategory,
  SyncedFilter,
  SyncedMember,
  SyncedOccurrence,
  SyncedTag,
  SyncedTask,
} from "../../src/api/schema.ts";
import type {
  CategoryRow,
  MemberRow,
  OccurrenceRow,
  SavedFilterRow,
  TagRow,
  TaskRow,
} from "../../src/domain/rows.ts";

/** Fields that the app converts when it reads a page. */
type Converted = "number" | "priority" | "repeat_gone" | "repeat_mode";

test("a synced task is a task row", () => {
  expectTypeOf<SyncedTask>().toExtend<Omit<TaskRow, Converted>>();
  expectTypeOf<keyof TaskRow>().toExtend<keyof SyncedTask>();
  expectTypeOf<TaskRow["priority"]>().toExtend<SyncedTask["priority"]>();
  expectTypeOf<TaskRow["repeat_mode"]>().toExtend<SyncedTask["repeat_mode"]>();
});

test("a synced category is a category row", () => {
  expectTypeOf<SyncedCategory>().toExtend<CategoryRow>();
});

test("a synced tag is a tag row", () => {
  expectTypeOf<SyncedTag>().toExtend<TagRow>();
});

test("a synced member is a member row, apart from the name", () => {
  expectTypeOf<SyncedMember>().toExtend<Omit<MemberRow, "name">>();
});

test("a synced occurrence is an occurrence row", () => {
  expectTypeOf<SyncedOccurrence>().toExtend<OccurrenceRow>();
});

test("a synced filter is a saved filter", () => {
  expectTypeOf<SyncedFilter>().toExtend<SavedFilterRow>();
});
