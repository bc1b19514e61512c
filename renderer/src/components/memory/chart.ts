import uPlot from 'uplot';
import { bytes, clock, day, t } from '../../i18n/index.ts';
import { partNames } from './parts.ts';
import type { PartName } from './parts.ts';
import { drawPicture } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Band, Stack } from './stack.ts';

export interface Chart {
  update(stack: Stack, from: number, to: number): void;
  /** Moves the point that is looked at by so many measurements; from the newest one at first. */
  step(by: number): void;
  /** Looks at the newest again. */
  leave(): void;
  /** The chart with its words as a PNG, base64. */
  picture(words: Picture): string;
  close(): void;
}

export interface ChartWish {
  readonly host: HTMLElement;
  readonly bands: readonly Band[];
  /** Written into the chart where it shows more than one model. */
  nameOf(modelId: string): string;
  /** A column of the stack is looked at; null = none. */
  onpoint(column: number | null): void;
}

const height = 260;
const dayMs = 86_400_000;
/** Seconds between times on the axis; less than a minute would be written the same. */
const tickSteps = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 2880, 7200, 14_400].map(
  (minutes) => minutes * 60,
);

/**
 * A stacked chart of memory over time in `host`, as wide as the host. Colours are read from the
 * theme when it is made; make it again when the theme changes.
 */
export function memoryChart({ host, bands, nameOf, onpoint }: ChartWish): Chart {
  const colour = resolver(host);
  const [text, muted, line, page] = [
    colour('--text'),
    colour('--muted'),
    colour('--line'),
    colour('--page'),
  ] as const;
  const family = getComputedStyle(host).fontFamily;
  const font = `12px ${family}`;
  const isSharp = document.documentElement.dataset['theme'] === 'contrast';
  let range: [number, number] = [0, 1];
  const models = [...new Set(bands.map(({ modelId }) => modelId))];
  const isTop = (index: number) => bands[index + 1]?.modelId !== bands[index]?.modelId;
  const tick = (ms: number) => (range[1] - range[0] > 2 * (dayMs / 1000) ? day(ms) : clock(ms));

  const axis = { stroke: muted, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const plot = new uPlot(
    {
      width: Math.max(1, host.clientWidth),
      height,
      padding: [12, 28, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: true, range: () => range },
        y: { range: (_, __, max) => [0, niceTop(max)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 90,
          size: 30,
          incrs: tickSteps,
          values: (_, ticks) => ticks.map((at) => tick(at * 1000)),
        },
        {
          ...axis,
          size: 68,
          splits: (_, __, ___, top) => [0, 0.25, 0.5, 0.75, 1].map((share) => share * top),
          values: (_, ticks) => ticks.map((at) => (at === 0 ? '0' : bytes(at))),
        },
      ],
      // The tallest first: each further one is painted over the lower part of the one before.
      series: [
        {},
        ...bands
          .map(({ part }, index) => {
            const ink = colour(`--part-${part}`);
            return {
              label: t(`memory.part.${part}`),
              // Where one model ends and the next begins; every edge where contrast was asked for.
              stroke: isSharp || (models.length > 1 && isTop(index)) ? text : ink,
              fill: fillOf(part, ink, page),
              width: 1.5,
              points: { show: false },
            };
          })
          .reverse(),
      ],
      hooks: {
        setCursor: [(self) => onpoint(self.cursor.idx ?? null)],
        draw: [(self) => models.length > 1 && writeNames(self)],
      },
    },
    [[0], ...bands.map(() => [null])] as uPlot.AlignedData,
    host,
  );

  /** Each model's name in the longest stretch where its bands are tall and wide enough to hold it. */
  function writeNames(self: uPlot): void {
    const { ctx } = self;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = `500 ${12 * ratio}px ${family}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    const seconds = self.data[0];
    const edge = (index: number, column: number) =>
      self.valToPos(index < 0 ? 0 : (self.data[bands.length - index]?.[column] ?? 0), 'y', true);
    let below = -1;
    bands.forEach((band, index) => {
      if (!isTop(index)) return;
      const floor = below;
      below = index;
      const name = nameOf(band.modelId);
      const width = ctx.measureText(name).width + 12 * ratio;
      const place = widestPlace(seconds.length, (column) => {
        const at = seconds[column] ?? 0;
        const isSeen = at >= range[0] && at <= range[1];
        const isTall = edge(floor, column) - edge(index, column) >= 18 * ratio;
        return isSeen && isTall ? self.valToPos(at, 'x', true) : null;
      });
      if (!place || place.to - place.from < width) return;
      const middle = (place.from + place.to) / 2;
      const column = self.posToIdx((middle - self.bbox.left) / ratio);
      const y = (edge(floor, column) + edge(index, column)) / 2;
      ctx.fillStyle = page;
      ctx.fillRect(middle - width / 2, y - 8 * ratio, width, 16 * ratio);
      ctx.fillStyle = text;
      ctx.fillText(name, middle, y);
    });
    ctx.restore();
  }

  const resized = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(1, host.clientWidth), height }),
  );
  resized.observe(host);

  return {
    update(stack, from, to) {
      range = [from / 1000, to / 1000];
      const [seconds, ...series] = stack;
      plot.setData([seconds, ...[...series].reverse()] as unknown as uPlot.AlignedData);
    },
    step(by) {
      const seconds = plot.data[0];
      const last = seconds.length - 1;
      const first = Math.max(
        0,
        seconds.findIndex((at) => at >= range[0]),
      );
      const next = Math.min(last, Math.max(first, (plot.cursor.idx ?? last) + by));
      const left = plot.valToPos(seconds[next] ?? range[1], 'x');
      plot.setCursor({ left, top: height / 3 });
    },
    leave: () => plot.setCursor({ left: -10, top: -10 }),
    picture: (words) =>
      drawPicture(plot.ctx.canvas, words, {
        ...{ text, muted, page, family },
        parts: partNames
          .filter((part) => bands.some((band) => band.part === part))
          .map((part) => ({
            label: t(`memory.part.${part}`),
            fill: fillOf(part, colour(`--part-${part}`), page),
          })),
      }),
    close() {
      resized.disconnect();
      plot.destroy();
    },
  };
}

/** The widest row of neighbouring columns that have a place, from its left end to its right one. */
function widestPlace(
  columns: number,
  placeOf: (column: number) => number | null,
): { readonly from: number; readonly to: number } | null {
  let widest: { from: number; to: number } | null = null;
  let start: number | null = null;
  for (let column = 0; column < columns; column += 1) {
    const place = placeOf(column);
    start = place === null ? null : (start ?? place);
    if (start === null || place === null) continue;
    if (!widest || place - start > widest.to - widest.from) widest = { from: start, to: place };
  }
  return widest;
}

/** A top of the axis whose quarters are figures that can be read: steps of 1024 like all memory here. */
function niceTop(max: number): number {
  if (!(max > 0)) return 1024;
  const unit = 1024 ** Math.floor(Math.log(max) / Math.log(1024));
  const steps = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
  const step = steps.find((one) => one * unit >= max * 1.08);
  return (step ?? 2048) * unit;
}

/** The patterns of parts.css, drawn on a small tile. */
function fillOf(name: PartName, ink: string, paper: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = tile.height = 8;
  const draw = tile.getContext('2d');
  if (!draw || name === 'weights') return ink;
  draw.fillStyle = ink;
  draw.fillRect(0, 0, 8, 8);
  draw.fillStyle = draw.strokeStyle = paper;
  draw.globalAlpha = 0.5;
  draw.beginPath();
  if (name === 'recurrent') draw.arc(4, 4, 1.4, 0, 7);
  else if (name === 'compute') draw.rect(0, 3, 8, 1.5);
  else if (name === 'output') draw.rect(3, 0, 1.5, 8);
  else {
    const rising = name === 'checkpoints';
    for (const shift of [-8, 0, 8]) {
      draw.moveTo(shift, rising ? 0 : 8);
      draw.lineTo(shift + 8, rising ? 8 : 0);
    }
    draw.stroke();
  }
  draw.fill();
  return draw.createPattern(tile, 'repeat') ?? ink;
}

/** Reads a colour variable as the browser computes it here, `light-dark()` and all. */
function resolver(host: HTMLElement): (variable: string) => string {
  return (variable) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${variable})`;
    host.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
}
