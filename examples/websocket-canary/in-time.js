/** Waits for a promise, with a time limit. `describe` returns what it waits for, for the error. */
export async function inTime(promise, describe, milliseconds = 10_000) {
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new Error(`gave up ${describe()} after ${milliseconds / 1000} s. Read the output of the services.`),
      );
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
