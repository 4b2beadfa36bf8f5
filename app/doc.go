// Package app is the windows of the desktop phone: Fyne only, after the theme. It speaks to the phone behind it
// through the Phone and Call interfaces and knows no protocol, codec or socket.
//
//	err := app.Run(ctx, phone, app.Options{Version: "0.1.0"})
//
// Run belongs to the main goroutine. It returns when the main window is closed or ctx is done.
//
// What a window shows is computed by plain functions without widgets (presenceOf, rowOf, viewOf, parseService);
// the windows only paint it. Everything that touches a widget runs on the UI thread, by way of ui.do; each call
// window has one goroutine (callLoop) that draws the pictures and asks for the call's state off that thread.
//
// Keys in the main window: Enter in the name field or on a row calls; Delete on a row removes it from the list;
// Ctrl+1, Ctrl+2 and Ctrl+3 choose the pages; Ctrl+T makes a test call.
//
// Keys in a call window: Enter accepts and Escape declines while it rings; M mutes, V switches the camera, C goes
// to the chat, F11 and F switch full screen, Escape leaves the chat field, then full screen, then closes the chat;
// Ctrl+Shift+H hangs up from anywhere. Plain letters do nothing while a text field has the focus.
package app
