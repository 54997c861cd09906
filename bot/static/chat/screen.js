/* Keeps the composer above the phone's keyboard where the browser does not shrink the page itself (iOS). */

export function followKeyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  const { style } = document.documentElement;
  const fit = () => {
    const zoomed = seen.scale > 1.01;
    const covered = window.innerHeight - seen.height > 1;
    if (zoomed || !covered) {
      style.removeProperty("--seen-height");
      style.removeProperty("--seen-top");
    } else {
      style.setProperty("--seen-height", `${seen.height}px`);
      style.setProperty("--seen-top", `${seen.offsetTop}px`);
    }
  };
  seen.addEventListener("resize", fit);
  seen.addEventListener("scroll", fit);
}
