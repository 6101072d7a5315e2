/** Waits for a promise, but not for ever. */
export async function inTime(promise, what, milliseconds = 10_000) {
  let timer;
  const tooLate = new Promise((_resolve, reject) => {
    const error = new Error(
      `${what}: nothing within ${milliseconds / 1000} s. Read the output of the services.`,
    );
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
