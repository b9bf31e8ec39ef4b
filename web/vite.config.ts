// Builds the page: one entry, map library and slices in their own chunks, nothing fetched from outside.
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const server = process.env.FENGHUOTAI_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    proxy: {
      // The server compares Origin with Host, so both are kept as the browser sent them.
      '/api': { target: server, ws: true, changeOrigin: false },
      '/health': server,
    },
  },
  build: {
    target: 'es2022',
    // MapLibre is one file of about 1 MB; only pages with a map load it.
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'maplibre', test: /node_modules[\\/](maplibre-gl|@maplibre)/ },
            { name: 'element', test: /node_modules[\\/](element-plus|@element-plus|@popperjs|@floating-ui|lodash|dayjs|async-validator)/ },
            { name: 'vue', priority: 2, test: /node_modules[\\/](@vue|vue|vue-router|pinia)[\\/]/ },
          ],
        },
      },
    },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
