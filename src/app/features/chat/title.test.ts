import { expect, it } from 'vitest';
import { titleFrom } from './title.ts';

it('takes the first words', () => {
  expect(titleFrom('¿Cuál es la capital de Bolivia?')).toBe('¿Cuál es la capital de Bolivia?');
  expect(titleFrom('Planifica una clase sobre los mayas.')).toBe('Planifica una clase sobre los mayas');
  expect(titleFrom('\n\n## **Tarea**:\nresume esto')).toBe('Tarea');
});

it('cuts at a word', () => {
  const title = titleFrom('Explícame con ejemplos sencillos cómo funciona la fotosíntesis en las plantas');
  expect(title).toBe('Explícame con ejemplos sencillos cómo funciona…');
  expect([...titleFrom('x'.repeat(500))]).toHaveLength(49);
});

it('never cuts a character in two', () => {
  expect(titleFrom('🌽'.repeat(60))).toBe(`${'🌽'.repeat(48)}…`);
});

it('is empty without words', () => {
  expect(titleFrom(' \n--- \n***')).toBe('');
});
