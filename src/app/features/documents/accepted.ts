/** For the file chooser's `accept`. A file of its own: the chooser is there long before anything is read. */
export const ACCEPTED = ['.txt', '.md', '.csv', '.pdf', '.docx'] as const;
