/**
 * The build of the web app.
 *
 * The output goes into the Python package, which serves it. Each file is also written compressed
 * (`.br` and `.gz`), so that the server never compresses it.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const OUTPUT = "../src/taskstead/faces/web/build";
/** Smaller files do not become smaller by a useful amount. */
const SMALLEST_COMPRESSED_BYTES = 512;

export default defineConfig({
  plugins: [compressOutput()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: "es2022",
    // Older browsers are not supported, and the policy of the pages forbids inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { app: "index.html", sw: "src/sw.ts" },
      output: {
        // The service worker has a fixed address. All other files are cached for ever by their hash.
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  server: { proxy: { "^/(api|auth)/": "http://127.0.0.1:8000" } },
});

function compressOutput(): Plugin {
  return {
    name: "compress-output",
    apply: "build",
    closeBundle() {
      for (const path of listFiles(join(import.meta.dirname, OUTPUT))) {
        const content = readFileSync(path);
        if (content.length < SMALLEST_COMPRESSED_BYTES || path.endsWith(".png")) continue;
        const quality = {
          params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
        };
        writeFileSync(`${path}.br`, brotliCompressSync(content, quality));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

function listFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? listFiles(path) : [path];
  });
}
