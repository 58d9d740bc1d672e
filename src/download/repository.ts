// Addresses of a repository's files, as hubs have them: https://huggingface.co/{owner}/{name}/resolve/{revision}/{path}.

export interface Repository {
  origin: string;
  /** "owner/name" */
  name: string;
  /** As it stands in the address: escaped. */
  revision: string;
  /** Within the repository: "" or with a slash at its end. Escaped. */
  folder: string;
}

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

export const asCommit = (text: string | null | undefined): string | null =>
  text !== null && text !== undefined && COMMIT.test(text) ? text : null;

/** @param base with a trailing slash */
export function repositoryAt(base: string): Repository | undefined {
  const [, origin = '', name = '', revision = '', folder = ''] =
    /^(https?:\/\/[^/]+)\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/((?:[^/]+\/)*)$/.exec(base) ?? [];
  return origin === '' ? undefined : { origin, name, revision, folder };
}

export const baseOf = ({ origin, name, revision, folder }: Repository): string =>
  `${origin}/${name}/resolve/${revision}/${folder}`;

/** Whether two directories are the same one but for the revision. */
export function sameDirectory(a: string, b: string): boolean {
  const [one, other] = [repositoryAt(a), repositoryAt(b)];
  return (
    one !== undefined &&
    other !== undefined &&
    baseOf({ ...one, revision: '' }) === baseOf({ ...other, revision: '' })
  );
}

/** The commit that an address is of, where it has one: what lies there never changes. */
export const commitOf = (url: string): string | null =>
  asCommit(/^https?:\/\/[^/]+\/[^/]+\/[^/]+\/resolve\/([^/]+)\//.exec(url)?.[1]);

/**
 * The repository's name as redirects led to it, where they stayed at its host: one that was renamed is asked under its new name
 * from then on.
 * @param url where an answer of the host came from
 */
export function nameLedTo(url: string, { origin, name }: Pick<Repository, 'origin' | 'name'>): string {
  if (!url.startsWith(`${origin}/`)) return name;
  const path = url.slice(origin.length);
  const [, led] =
    /^\/api\/(?:resolve-cache\/)?models\/([^/]+\/[^/]+)\//.exec(path) ??
    /^\/([^/]+\/[^/]+)\/(?:resolve|raw)\//.exec(path) ??
    [];
  return led ?? name;
}

/** The directory at its commit and under its present name, as an answer of one of its files tells them; undefined where none does. */
export function pinnedBy(
  base: string,
  { url, commit }: { url: string; commit: string | null },
): string | undefined {
  const repository = repositoryAt(base);
  const revision = commit ?? asCommit(repository?.revision);
  if (!repository || revision === null) return undefined;
  return baseOf({ ...repository, name: nameLedTo(url, repository), revision });
}
