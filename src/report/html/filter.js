(function () {
  "use strict";
  var claims = Array.prototype.slice.call(document.querySelectorAll(".claim"));
  var buttons = Array.prototype.slice.call(document.querySelectorAll("button.count"));
  var search = document.getElementById("search");
  var unexpected = document.getElementById("unexpected");
  var shown = document.getElementById("shown");
  function filter() {
    var wanted = buttons.filter(function (b) { return b.getAttribute("aria-pressed") === "true"; })
      .map(function (b) { return b.dataset.verdict; });
    var words = search.value.toLowerCase().split(/\s+/);
    var count = 0;
    claims.forEach(function (claim) {
      var fits = (!wanted.length || wanted.indexOf(claim.dataset.verdict) >= 0) &&
        (!unexpected.checked || claim.classList.contains("unexpected")) &&
        words.every(function (word) { return claim.dataset.text.indexOf(word) >= 0; });
      claim.hidden = !fits;
      if (fits) { count += 1; }
    });
    shown.textContent = count === 1 ? "1 claim" : count + " claims";
  }
  buttons.forEach(function (button) {
    button.addEventListener("click", function () {
      button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
      filter();
    });
  });
  search.addEventListener("input", filter);
  unexpected.addEventListener("change", filter);
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== search) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && document.activeElement === search) { search.value = ""; filter(); search.blur(); }
  });
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1));
    var claim = id && document.getElementById(id);
    if (claim && claim.tagName === "DETAILS") { claim.hidden = false; claim.open = true; }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  // Printed whole: what is found. What holds is printed as one line each, unless it was unfolded.
  var found = Array.prototype.slice.call(document.querySelectorAll("#findings .claim"));
  window.addEventListener("beforeprint", function () {
    found.forEach(function (claim) { claim.dataset.was = claim.open; claim.open = true; });
  });
  window.addEventListener("afterprint", function () {
    found.forEach(function (claim) { claim.open = claim.dataset.was === "true"; });
  });
})();
