import { lazy } from "../../ui/lazy.tsx";

/** The pages before sign-in. Their code is loaded only for persons who are not signed in. */
export const SignIn = lazy(async () => (await import("./SignIn.tsx")).SignIn);
export const SignUp = lazy(async () => (await import("./SignUp.tsx")).SignUp);
