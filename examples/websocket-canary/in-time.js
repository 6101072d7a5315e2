/** Waits for a promise, but not for ever. `describe` says what for, and how far it came. */
export async function inTime(promise, describe, milliseconds = 10_000) {
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`gave up ${describe()} after ${milliseconds / 1000} s. Read what the services print.`),
      );
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
