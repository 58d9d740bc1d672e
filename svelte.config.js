import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // Shorter than the default: it stands in every class name of the shell.
  compilerOptions: { cssHash: ({ hash, css }) => `s${hash(css)}` },
};
