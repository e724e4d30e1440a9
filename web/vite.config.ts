/**
 * The build of the web app, into the Python package, which serves it. The service worker is built
 * afterwards, see vite.worker.config.ts.
 */
import { defineConfig } from "vite";

/** The folder of the build, relative to `web/`. */
export const OUTPUT = "../src/taskstead/faces/web/build";

export default defineConfig({
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: "es2022",
    // Older browsers are not supported, and the policy of the pages forbids inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { "^/(api|auth)/": "http://127.0.0.1:8000" } },
});
