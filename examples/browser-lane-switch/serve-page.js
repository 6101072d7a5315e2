import { readFile } from 'node:fs/promises';

const FILES = {
  '/': ['page/index.html', 'text/html'],
  '/page.css': ['page/page.css', 'text/css'],
  '/page.js': ['page/page.js', 'text/javascript'],
  '/lane-cookie.js': ['page/lane-cookie.js', 'text/javascript'],
  '/tour-card.js': ['page/tour-card.js', 'text/javascript'],
  // The page and the extension have the same picker.
  '/lane-picker.css': ['extension/lane-picker.css', 'text/css'],
  '/lane-picker.js': ['extension/lane-picker.js', 'text/javascript'],
};

/** Answers with a file of the page, or with 404. */
export async function servePage(request, response) {
  const [file, type] = Object.hasOwn(FILES, request.url) ? FILES[request.url] : [];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  const body = await readFile(new URL(file, import.meta.url));
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
  response.end(body);
}
