package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	nethttp "net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sundog.dev/sundog/idmanager/http/v1"
)

// object is a part of the OpenAPI description.
type object = map[string]any

var description = func() object {
	var d object
	if err := json.Unmarshal(openAPI, &d); err != nil {
		panic(err)
	}
	return d
}()

// at follows names from an object, and references.
func at(o object, path ...string) object {
	for _, p := range path {
		next, _ := o[p].(object)
		if o = next; o == nil {
			return nil
		}
		o = resolved(o)
	}
	return o
}

func resolved(o object) object {
	ref, ok := o["$ref"].(string)
	if !ok {
		return o
	}
	return at(description, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

// described compares an exchange with the description: the path, the method, the parameters and the body of what was accepted, the
// status, the headers and the fields of the answer. What is not under /v1 it lets pass.
func described(t testing.TB, r *nethttp.Request, body []byte, status int, header nethttp.Header, answer []byte) {
	t.Helper()
	if r.URL.Path != "/v1" && !strings.HasPrefix(r.URL.Path, "/v1/") {
		return
	}
	what := r.Method + " " + r.URL.Path + ": "
	path := at(description, "paths", r.URL.Path)
	method := at(path, strings.ToLower(r.Method))
	if path == nil || method == nil { // then it must have been refused
		var e v1.Error
		if want := map[bool]int{true: 404, false: 405}[path == nil]; status != want || json.Unmarshal(answer, &e) != nil || e.Code == "" {
			t.Errorf("%snot described, but answered by %d %s", what, status, answer)
		}
		return
	}
	if status < 300 {
		accepted(t, what, r, method, body)
	}
	reply := at(method, "responses", strconv.Itoa(status))
	if reply == nil {
		t.Errorf("%sstatus %d is not described: %s", what, status, answer)
		return
	}
	headers, _ := reply["headers"].(object)
	for name := range headers {
		if _, err := strconv.Atoi(header.Get(name)); err != nil {
			t.Errorf("%s%d without %s", what, status, name)
		}
	}
	kind := header.Get("Content-Type")
	schema := at(reply, "content", kind, "schema")
	switch {
	case schema == nil:
		t.Errorf("%s%d with content type %q is not described", what, status, kind)
	case kind == "text/event-stream":
		events := at(reply, "x-events")
		for _, e := range allEvents(t, answer) {
			valid(t, what+e.Kind, at(events, e.Kind), e.Data)
		}
	default:
		valid(t, what+strconv.Itoa(status), schema, answer)
	}
}

// accepted compares a request that was accepted.
func accepted(t testing.TB, what string, r *nethttp.Request, method object, body []byte) {
	t.Helper()
	if want := at(method, "requestBody", "content", "application/json", "schema"); want != nil {
		valid(t, what+"request", want, body)
	}
	parameters, _ := method["parameters"].([]any)
	for name, values := range r.URL.Query() {
		i := slices.IndexFunc(parameters, func(p any) bool { return p.(object)["name"] == name })
		if i < 0 {
			continue // unknown ones are ignored
		}
		list, _ := json.Marshal(values)
		valid(t, what+name, at(parameters[i].(object), "schema"), list)
	}
}

// allEvents are the complete events of a stream.
func allEvents(t testing.TB, stream []byte) (all []v1.Event) {
	t.Helper()
	for r := v1.NewEventReader(bytes.NewReader(stream)); ; {
		e, err := r.Next()
		if err != nil {
			return all
		}
		if len(e.Data) > 0 {
			all = append(all, e)
		}
	}
}

func valid(t testing.TB, what string, schema object, text []byte) {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Errorf("%s: %s is no JSON: %v", what, text, err)
		return
	}
	if schema == nil {
		t.Errorf("%s: %s is not described", what, text)
		return
	}
	if err := conforms(resolved(schema), value); err != nil {
		t.Errorf("%s: %v\n%s", what, err, text)
	}
}

// conforms checks the part of JSON Schema that the description uses. Fields that are not described are errors here: the tests
// send none.
func conforms(schema object, value any) error {
	for keyword, want := range schema {
		ok := true
		switch keyword {
		case "type":
			ok = isType(want.(string), value)
		case "const":
			ok = reflect.DeepEqual(want, value)
		case "enum":
			ok = slices.Contains(want.([]any), value)
		case "pattern":
			s, is := value.(string)
			ok = is && regexp.MustCompile(want.(string)).MatchString(s)
		case "minLength":
			s, is := value.(string)
			ok = is && len(s) >= int(want.(float64))
		case "minimum":
			n, is := value.(float64)
			ok = is && n >= want.(float64)
		case "minItems":
			list, is := value.([]any)
			ok = is && len(list) >= int(want.(float64))
		case "maxItems":
			list, is := value.([]any)
			ok = is && len(list) <= int(want.(float64))
		case "required", "properties", "items":
		case "description":
		default:
			return fmt.Errorf("the keyword %q is unknown to this test", keyword)
		}
		if !ok {
			return fmt.Errorf("%v is not of %s %v", value, keyword, want)
		}
	}
	if fields, ok := value.(object); ok {
		return fieldsConform(schema, fields)
	}
	if list, ok := value.([]any); ok {
		for i, v := range list {
			if err := conforms(at(schema, "items"), v); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
	}
	return nil
}

func fieldsConform(schema, fields object) error {
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := fields[name.(string)]; !ok {
			return fmt.Errorf("%v is missing", name)
		}
	}
	properties := at(schema, "properties")
	for name, v := range fields {
		p := at(properties, name)
		if p == nil {
			if fields["openapi"] != nil { // the description of itself stops here
				continue
			}
			return fmt.Errorf("the field %q is not described", name)
		}
		if err := conforms(p, v); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func isType(name string, value any) bool {
	switch name {
	case "object":
		_, ok := value.(object)
		return ok
	case "array":
		_, ok := value.([]any)
		return ok
	case "string":
		_, ok := value.(string)
		return ok
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "integer":
		n, ok := value.(float64)
		return ok && n == float64(int64(n))
	}
	return false
}

func TestTheDescriptionListsWhatThereIs(t *testing.T) {
	w := newWorld(t)
	paths := at(description, "paths")
	for path := range paths {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
			answer := w.do(method, path, "", "") // compares the rest
			if at(paths, path, strings.ToLower(method)) != nil && (answer.Code == 404 && path != "/v1/relay" || answer.Code == 405) {
				t.Errorf("%s %s is described, but does not exist: %d", method, path, answer.Code)
			}
		}
	}
	if answer := w.get("/v1/openapi.json"); !bytes.Equal(answer.Body.Bytes(), openAPI) {
		t.Error("what is served is another description")
	}
}

// TestTheDescriptionKnowsAllFields compares the schemas with the types that are sent.
func TestTheDescriptionKnowsAllFields(t *testing.T) {
	for name, value := range map[string]any{
		"Directory": v1.Directory{}, "Instance": v1.Instance{}, "Names": v1.Names{}, "Name": v1.Name{}, "Registration": v1.Registration{},
		"Registered": v1.Registered{}, "Refresh": v1.Refresh{}, "Watch": v1.Watch{}, "RelayRequest": v1.RelayRequest{},
		"Relay": v1.Relay{}, "Error": v1.Error{},
	} {
		properties := at(description, "components", "schemas", name, "properties")
		kind := reflect.TypeOf(value)
		for i := range kind.NumField() {
			field, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if at(properties, field) == nil {
				t.Errorf("%s.%s is not described", name, field)
			}
		}
		if len(properties) != kind.NumField() {
			t.Errorf("%s has %d fields, and the description %d", name, kind.NumField(), len(properties))
		}
	}
}
