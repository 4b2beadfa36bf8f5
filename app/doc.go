// Package app is the windows of the desktop phone: Fyne only, after the theme. It speaks to the phone behind it
// through the Phone and Call interfaces and knows no protocol, codec or socket.
//
//	err := app.Run(ctx, phone, app.Options{Version: "0.1.0"})
//
// Run belongs to the main goroutine. It returns when the main window is closed or ctx is done.
//
// What a window shows is computed by plain functions without widgets (presenceOf, peopleItems, offerFor, viewOf,
// parseService); the windows only paint it. Everything that touches a widget runs on the UI thread, by way of ui.do; each
// call window has one goroutine (callLoop) that draws the pictures and asks for the call's state off that thread. What the
// phone tells comes in bursts and is shown a few times a second at most; lists have widgets for the rows in view only.
//
// Keys in the main window: Enter in the field calls who is typed or linked there, Down goes to the list. In the list Up,
// Down, Page up, Page down, Home and End choose a row, Enter calls, Space or the menu key offers more, Delete removes, and
// letters go on in the field. Ctrl+1, Ctrl+2 and Ctrl+3 choose the pages; Ctrl+L shows the own link, Ctrl+T makes a test
// call; Escape closes a sheet.
//
// Keys in a call window: Enter accepts and Escape declines while it rings; M mutes, V switches the camera, S shares the screen, C goes
// to the chat, W compares words, P shows the people, A adds some, H raises a hand, 1 to 9 make somebody large and G whoever speaks, F11
// and F switch full screen, Escape leaves the chat field, then full screen, then closes the chat; Ctrl+Shift+H hangs up from anywhere.
// Page up, Page down, Up and Down scroll what is open. In the panel of people, Escape takes back a question and what can be done with
// somebody before it closes the panel; in the field to add people, Down goes to those who are found. Plain letters do nothing while a text
// field has the focus, and where a click has taken it away from the open chat, they go on there.
package app
