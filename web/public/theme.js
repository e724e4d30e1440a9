// Sets the theme before the first paint. A file, because the policy of the page forbids inline scripts.
try {
  const { theme, density } = JSON.parse(localStorage.getItem("taskstead.look") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (density === "compact") document.documentElement.dataset.density = density;
} catch {
  // The browser allows no storage: the system's theme applies.
}
