export { consoleApp } from "./app.ts";
export { SIGN_IN_ENVIRONMENT, type SignInSettings, signInSettings } from "./sign-in.ts";
