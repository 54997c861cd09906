/* Run only by browsers without ES modules: says plainly why nothing else happens. */
document.getElementById("old-browser").hidden = false;
