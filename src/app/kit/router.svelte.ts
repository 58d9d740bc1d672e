// Places by the address's hash: works from any folder of any server, and offline.

export type Place = 'chat' | 'models' | 'settings' | 'machine';
export interface Route {
  place: Place;
  /** Of a conversation, in the place "chat". */
  id: string | null;
}

/** "#/chat/<id>", "#/models", "#/settings", "#/machine"; anything else is a new conversation. */
export function parseRoute(hash: string): Route {
  const [place, id] = hash.replace(/^#\/?/, '').split('/');
  if (place === 'models' || place === 'settings' || place === 'machine') return { place, id: null };
  return { place: 'chat', id: place === 'chat' && id && /^[\w-]{1,64}$/.test(id) ? id : null };
}

export const hrefOf = (place: Place, id: string | null = null): string =>
  id === null ? `#/${place}` : `#/${place}/${id}`;

export class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  /** @returns stops listening */
  listen(): () => void {
    const update = (): void => {
      const next = parseRoute(location.hash);
      if (next.place !== this.route.place || next.id !== this.route.id) this.route = next;
    };
    window.addEventListener('hashchange', update);
    return () => window.removeEventListener('hashchange', update);
  }

  go(place: Place, id: string | null = null): void {
    location.hash = hrefOf(place, id);
    this.route = { place, id };
  }

  /** Names what is already shown, without a step in the history. */
  replace(place: Place, id: string | null = null): void {
    history.replaceState(null, '', hrefOf(place, id));
    this.route = { place, id };
  }
}
