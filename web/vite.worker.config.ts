/**
 * The build of the service worker, which lists the files of the app's build. Its address is fixed,
 * and it is one script.
 *
 * At the end, each file of the build is also written compressed (`.br` and `.gz`), so that the server
 * never compresses it.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import { OUTPUT } from "./vite.config.ts";

const FOLDER = join(import.meta.dirname, OUTPUT);
/** Smaller files do not become smaller by a useful amount. */
const SMALLEST_COMPRESSED_BYTES = 512;

export default defineConfig({
  plugins: [compressOutput()],
  define: { __PRECACHE__: JSON.stringify(describeBuild()) },
  publicDir: false,
  build: {
    outDir: OUTPUT,
    emptyOutDir: false,
    target: "es2022",
    reportCompressedSize: false,
    rolldownOptions: { input: "src/sw.ts", output: { entryFileNames: "sw.js", format: "iife" } },
  },
});

/** The files that the worker stores, and a hash of all, which changes with each build. */
function describeBuild(): { files: string[]; version: string } {
  const hash = createHash("sha256");
  const paths = listFiles(FOLDER).filter((path) => !path.endsWith("/sw.js"));
  for (const path of paths) hash.update(path.slice(FOLDER.length)).update(readFileSync(path));
  return {
    files: paths.filter((path) => !path.endsWith(".html")).map((path) => path.slice(FOLDER.length)),
    version: hash.digest("hex").slice(0, 16),
  };
}

function compressOutput(): Plugin {
  return {
    name: "compress-output",
    closeBundle() {
      for (const path of listFiles(FOLDER)) {
        const content = readFileSync(path);
        if (content.length < SMALLEST_COMPRESSED_BYTES || path.endsWith(".png")) continue;
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${path}.br`, brotliCompressSync(content, { params: quality }));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

/** The files of a build, without compressed forms, in alphabetical order. */
function listFiles(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return listFiles(path);
      return /\.(br|gz)$/.test(name) ? [] : [path];
    });
}
