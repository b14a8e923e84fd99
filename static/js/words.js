// The words of a language that was chosen for Longkey. Nothing chosen, or nothing there: null, and the browser's own
// language speaks.
export const words = async (language) => {
  if (!language) return null;
  try {
    const file = await fetch(new URL(`../_locales/${encodeURIComponent(language)}/messages.json`, import.meta.url));
    return await file.json();
  } catch {
    return null;
  }
};
