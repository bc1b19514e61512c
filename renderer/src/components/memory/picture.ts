/** What is written around the chart in a picture of it. */
export interface Picture {
  readonly title: string;
  readonly subtitle: string;
}

export interface PictureLook {
  readonly text: string;
  readonly muted: string;
  readonly page: string;
  readonly family: string;
  readonly parts: readonly {
    readonly label: string;
    readonly fill: CanvasPattern | string;
  }[];
}

const margin = 20;
const headHeight = 60;
const legendHeight = 44;

/** The chart's canvas with a title above and a legend below, as a PNG in base64. */
export function drawPicture(
  chart: HTMLCanvasElement,
  { title, subtitle }: Picture,
  { text, muted, page, family, parts }: PictureLook,
): string {
  const ratio = devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = chart.width + 2 * margin * ratio;
  canvas.height = chart.height + (headHeight + legendHeight + margin) * ratio;
  const draw = canvas.getContext('2d');
  if (!draw) return '';
  draw.fillStyle = page;
  draw.fillRect(0, 0, canvas.width, canvas.height);
  draw.drawImage(chart, margin * ratio, headHeight * ratio);
  draw.scale(ratio, ratio);
  const write = (words: string, x: number, y: number, font: string, ink: string) => {
    draw.font = `${font} ${family}`;
    draw.fillStyle = ink;
    draw.fillText(words, x, y);
    return draw.measureText(words).width;
  };
  write(title, margin, 30, '600 17px', text);
  write(subtitle, margin, 50, '12px', muted);
  let x = margin;
  const y = headHeight + chart.height / ratio + legendHeight / 2;
  for (const { label, fill } of parts) {
    draw.fillStyle = fill;
    draw.fillRect(x, y - 10, 12, 12);
    x += 18 + write(label, x + 18, y, '12px', text) + 22;
  }
  return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
}
