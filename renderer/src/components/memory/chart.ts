import uPlot from 'uplot';
import { bytes, clock, t } from '../../i18n/index.ts';
import type { PartName, Stack } from './parts.ts';

export interface Chart {
  update(stack: Stack, from: number, to: number): void;
  close(): void;
}

/**
 * A stacked chart of memory over time in `host`, as wide as the host. Colours are read from the
 * theme when it is made; make it again when the theme changes.
 */
export function memoryChart(host: HTMLElement, names: readonly PartName[], height: number): Chart {
  const colour = resolver(host);
  const text = colour('--muted');
  const line = colour('--line');
  const font = `12px ${getComputedStyle(host).fontFamily}`;
  let range: [number, number] = [0, 1];

  const axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const plot = new uPlot(
    {
      width: Math.max(1, host.clientWidth),
      height,
      padding: [12, 12, 0, 0],
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
          space: 80,
          values: (_, ticks) => ticks.map((tick) => clock(tick * 1000)),
        },
        {
          ...axis,
          size: 68,
          splits: (_, __, ___, top) => [0, 0.25, 0.5, 0.75, 1].map((share) => share * top),
          values: (_, ticks) => ticks.map((tick) => (tick === 0 ? '0' : bytes(tick))),
        },
      ],
      // The tallest first: each further one is painted over the lower part of the one before.
      series: [
        {},
        ...[...names].reverse().map((name) => ({
          label: t(`memory.part.${name}`),
          stroke: colour(`--part-${name}`),
          fill: fillOf(name, colour(`--part-${name}`), colour('--page')),
          width: 1.5,
          points: { show: false },
        })),
      ],
    },
    [[0], ...names.map(() => [null])] as uPlot.AlignedData,
    host,
  );

  const resized = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(1, host.clientWidth), height }),
  );
  resized.observe(host);

  return {
    update(stack, from, to) {
      range = [from / 1000, to / 1000];
      const [seconds, ...series] = stack;
      plot.setData([seconds, ...series.reverse()] as uPlot.AlignedData);
    },
    close() {
      resized.disconnect();
      plot.destroy();
    },
  };
}

/** A top of the axis whose quarters are figures that can be read: steps of 1024 like all memory here. */
function niceTop(max: number): number {
  if (!(max > 0)) return 1024;
  const unit = 1024 ** Math.floor(Math.log(max) / Math.log(1024));
  const steps = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];
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
