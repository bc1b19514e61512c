/** The one Electron channel that carries frames. */
export const frameChannel = 'quarry';
/** On which the preload tells MAIN which files were dropped into the window. */
export const droppedChannel = 'quarry:dropped';
