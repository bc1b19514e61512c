import type { PdfFile } from './pdf.ts';

/** The kept copy of a picture as a document of one page. Throws when it cannot be fetched or shown. */
export async function openImage(documentId: string, signal: AbortSignal): Promise<PdfFile> {
  const response = await fetch(`quarry://document/${encodeURIComponent(documentId)}`, { signal });
  if (!response.ok) throw new Error(`document answered ${response.status}`);
  const picture = await createImageBitmap(await response.blob());
  return {
    pages: 1,
    async draw(_page, canvas, width, ratio) {
      const scale = Math.min(1, (width * ratio) / picture.width);
      canvas.width = Math.ceil(picture.width * scale);
      canvas.height = Math.ceil(picture.height * scale);
      canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    },
    close: () => picture.close(),
  };
}
