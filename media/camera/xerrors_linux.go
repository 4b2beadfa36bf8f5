package camera

// #cgo pkg-config: x11
// #include <X11/Xlib.h>
//
// static int x_errors;
//
// // Xlib's own handler ends the process, even for a screen that merely cannot share memory (ssh -X, containers).
// static int count_error(Display *display, XErrorEvent *event) {
// 	(void)display;
// 	(void)event;
// 	__atomic_add_fetch(&x_errors, 1, __ATOMIC_RELAXED);
// 	return 0;
// }
//
// static void guard(void) { XSetErrorHandler(count_error); }
//
// static int errors(void) { return __atomic_load_n(&x_errors, __ATOMIC_RELAXED); }
import "C"

// guardX keeps X errors from ending the process; the answer says if there were any since.
func guardX() (failed func() bool) {
	C.guard()
	before := C.errors()
	return func() bool { return C.errors() != before }
}
