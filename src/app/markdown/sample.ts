// One answer with every construct, as a teacher might get it: for tests of every prefix and for looking at the page.

export const SAMPLE = `# La fotosíntesis en 7.º básico

Las plantas fabrican **glucosa** con *luz*, agua y dióxido de carbono. El proceso ocurre en los \`cloroplastos\` y ~~solo de noche~~ sobre todo **de día, y _nunca_ sin luz**.

## Reacción general

La ecuación balanceada es:

\\[
6\\,\\mathrm{CO_2} + 6\\,\\mathrm{H_2O} \\xrightarrow{\\text{luz}} \\mathrm{C_6H_{12}O_6} + 6\\,\\mathrm{O_2}
\\]

Si la tasa es \\(v = \\frac{\\Delta n}{\\Delta t}\\), entonces en \\(t\\) horas se producen $$n = \\int_0^t v(\\tau)\\,d\\tau$$
moles. El kit cuesta $12.500 y la lupa US$8; con descuento, $10.000.

### Materiales

- [x] Hojas de *Elodea*
- [ ] Bicarbonato de sodio, $990 la bolsa
- [ ] Lámpara:
  - LED blanca de 9 W
  - filtro rojo
    1. papel celofán
    2. cinta adhesiva

1. **Preparar** la solución al 1 %.

   Agitar hasta disolver por completo.

2. Medir burbujas por minuto:

   \`\`\`python
   def tasa(burbujas: int, minutos: float) -> float:
       """Burbujas por minuto."""
       return burbujas / minutos if minutos > 0 else 0.0

   print(tasa(42, 3.5))  # 12.0
   \`\`\`

3. Comparar con la tabla.

| Distancia (cm) | Burbujas/min | Intensidad relativa |
|:---------------|-------------:|:-------------------:|
| 10 | 42 | \\(1\\) |
| 20 | 11 | \\(\\tfrac14\\) |
| 40 | 3 | \`1/16\` |

> **Para conversar.** ¿Por qué la tasa cae con el *cuadrado* de la distancia?
>
> > «La luz se reparte en una superficie cada vez mayor.»

---

Más en [la guía del docente](https://www.curriculumnacional.cl/fotosintesis?curso=7), en [este artículo][mineduc] o escribiendo a <aula@ejemplo.org>. Esquema: ![hoja en corte](https://ejemplo.org/hoja.png)

Una etiqueta como <script>alert("hola")</script> es solo texto, igual que &lt;b&gt; y \\*esto\\*.

[mineduc]: https://ejemplo.org/articulos/luz_y_hojas
`;
