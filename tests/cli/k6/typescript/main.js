// Types are taken out of files that end in .ts, and positions stay those of the text.
// file lib.ts: export interface Shape { sides: number } export class Square implements Shape { constructor(readonly sides: number = 4) {} static of<T>(it: T): T { return it; } } export type Name = string | undefined;
// file more.ts: import { Square, Shape } from './lib.ts'; export enum Colour { red, green = 5, blue } export const sides = (shape: Shape): number => shape.sides; export function make(n?: number): Shape { return new Square(n as number); } export const thrown = (): never => { throw new Error('from ' + String(Colour.blue)); };
import { Square } from './lib.ts';
import { Colour, make, sides, thrown } from './more.ts';

export const options = { iterations: 1 };
export default function () {
  console.log(sides(make()), sides(make(3)), Colour.green, Colour[6], Square.of('x'));
  try { thrown(); } catch (error) { console.log(error.message); }
}
