import { expect, test } from 'vitest';
import { syllablesEs } from './syllables-es.ts';
import { syllablesPt } from './syllables-pt.ts';

/** Words with their syllables, by hand: hiatus, diphthongs, silent letters, y. */
const ES = `aéreo4 poeta3 caoba3 Saavedra4 leer2 creencia3 alcohol3 zoológico5 línea3 héroe3 maíz2 país2 baúl2 búho2 vehículo4
prohíben3 prohibir2 ahumar2 ahijado3 desahucio3 cacahuate4 rehusar2 rehúso3 río2 guion1 truhan1 hui1 construido3 huida2 jesuita3
casuístico4 viuda2 triunfo2 ciudad2 veintiún2 Uruguay3 buey1 averiguáis4 limpiáis2 vivíais3 oíais3 leía3 creíamos4 pingüino3
vergüenza3 lingüística4 guerra2 quiero2 estoy2 hierba2 hueso2 ayuntamiento5 subrayar3 instrucción3 psicología5 cooperación5 reunir2
reúne3 continuo3 continúo4 paranoia4 y1 ley1 yo1 rey1 hoy1 muy1 ahí2 aún2 aun1 té1 agua2 lengua2 antiguo3 averigüe4 cigüeña3
desagüe3 quién1 queso2 chiita3 Paraguay3 Uruguay3`;
const PT = `história3 série2 pátio2 água2 árdua2 tênue2 vácuo2 família3 ciência3 área2 óleo2 mágoa2 aéreo3 viagem3 piano3 piada3
suave3 rainha3 moinho3 ruim2 ainda3 caindo3 sair2 construir3 saiu2 caiu2 gratuito3 cuidado3 muito2 ruína3 juiz2 juízes3 raiz2
raízes3 país2 saúde3 baú2 Piauí3 iguais2 Uruguai3 saguão2 mãe1 corações3 cidadãos3 herói2 ideia3 jiboia3 praia2 maio2 voo2 leem2
álcool3 teatro3 coelho3 viúva3 tio2 pneu1 ritmo2 cinquenta3 reunião4 reunir3 proibir3 fluidez3 feira2 Paulo2 beira2 auxiliar4
triunfo3 viu1 partiu2 rio2 Maria3 seis1 água-viva4 fez-se2 queijo2 quando2 guerra2 pinguim2 frequente3 mais1 quais1 boa2 lua2`;
const words = (list: string) =>
  [...list.matchAll(/([^\s\d]+)(\d)/g)].map(([, word, n]) => [word!, Number(n)] as const);

test.each(words(ES))('es: %s has %i', (word, count) => expect(syllablesEs(word)).toBe(count));
test.each(words(PT))('pt: %s has %i', (word, count) => expect(syllablesPt(word)).toBe(count));
test('a word without vowels is still read', () => {
  expect([syllablesEs('km'), syllablesPt('Sr'), syllablesEs(''), syllablesPt('-')]).toEqual([1, 1, 0, 0]);
});
