/* An incident's figures are drawn anew every ten seconds, but its tickets never move under the pointer. */
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "incident-live" && event.target.querySelector("table:hover")) event.preventDefault();
});
