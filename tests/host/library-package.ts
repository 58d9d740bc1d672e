// The library as npm would publish it, and projects of other people that install and bundle it.

import { spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build as esbuild } from 'esbuild';
import { build as vite } from 'vite';
import webpack from 'webpack';
import { buildLibrary } from '../../scripts/build-lib.mjs';
import { root } from '../../scripts/install.mjs';

const SEMILLA = path.join(root, 'public/models/semilla-q4f16_1');

/** npm as whoever installs runs it, without a network. @throws Error with what npm said */
function npm(cwd: string, ...args: string[]): string {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', shell });
  if (status !== 0) throw new Error(`npm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Builds the library and packs it. @returns the packed file */
export async function packLibrary(folder: string): Promise<string> {
  const built = path.join(folder, 'built');
  await buildLibrary(built);
  const [packed] = JSON.parse(npm(built, 'pack', '--json', '--pack-destination', folder)) as [
    { filename: string },
  ];
  return path.join(folder, packed.filename);
}

/** A project that has nothing but this package and an example's files, and the starter model to be served beside them. */
export async function freshProject(folder: string, tarball: string, example: string): Promise<void> {
  await cp(path.join(root, 'docs/examples', example), folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  npm(folder, 'install', '--offline', '--no-audit', '--no-fund', tarball);
}

export async function addModel(folder: string): Promise<void> {
  await cp(SEMILLA, path.join(folder, 'model'), { recursive: true });
}

/** Each makes a page of `project`'s main.js and worker.js in `outDir`. */
export const BUNDLERS = {
  async vite(project: string, outDir: string): Promise<void> {
    await vite({
      root: project,
      configFile: false,
      logLevel: 'error',
      base: './',
      worker: { format: 'es' },
      build: { outDir, target: 'es2022', reportCompressedSize: false },
    });
  },
  async webpack(project: string, outDir: string): Promise<void> {
    const compiler = webpack({
      mode: 'production',
      performance: { hints: false }, // advice on sizes, no fault
      context: project,
      entry: './main.js',
      output: { path: outDir, filename: 'main.js', publicPath: 'auto', module: true },
      experiments: { outputModule: true },
    });
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) =>
      compiler?.run((error, result) => (error ? reject(error) : resolve(result))),
    );
    const { errors = [], warnings = [] } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
    if (errors.length + warnings.length > 0) {
      throw new Error([...errors, ...warnings].map(({ message }) => message).join('\n'));
    }
    await page(outDir);
  },
  async esbuild(project: string, outDir: string): Promise<void> {
    const { warnings } = await esbuild({
      absWorkingDir: project,
      entryPoints: ['main.js', 'worker.js'],
      bundle: true,
      splitting: true,
      format: 'esm',
      minify: true,
      outdir: outDir,
      logLevel: 'silent',
    });
    if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
    await page(outDir);
  },
};

async function page(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const html =
    '<!doctype html><title>Bundled</title><output></output><script type="module" src="./main.js"></script>';
  await writeFile(path.join(outDir, 'index.html'), html);
}
