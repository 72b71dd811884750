// A report that is still being counted: the page is asked for again, until it is done.
setTimeout(() => location.reload(), 2000);
