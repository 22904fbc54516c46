import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: {
    // `npm run dev` beside a running `bxl-twin demo`.
    proxy: { "/api": { target: "http://127.0.0.1:8000", ws: true }, "/tiles": "http://127.0.0.1:8000" },
  },
});
