import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { rooms } from './scripts/rooms.mjs';

export default ts.config(
  {
    ignores: [
      'dist/',
      'dist-cli/',
      'dist-lib/',
      '.cache/',
      'public/',
      'src/pure.d.ts',
      'svelte.config.js',
      'src/engines/cpu/kernels/',
      'docs/examples/html/', // its worker names a file that an installation brings
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.es2023 },
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] },
    },
    plugins: { yupana: { rules: { rooms } } },
    rules: {
      'yupana/rooms': 'error',
      'no-undef': 'off', // the TypeScript programs know each room's globals
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
    },
  },
  // The service worker has globals of its own, so a program of its own, which is no tsconfig.json.
  {
    files: ['src/app/sw.ts'],
    languageOptions: { parserOptions: { projectService: false, project: 'src/app/tsconfig.sw.json' } },
  },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { files: ['**/*.svelte'], rules: { 'svelte/no-at-html-tags': 'error' } },
);
