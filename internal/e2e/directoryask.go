package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// fetch gets a page.
func fetch(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, soon)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	var text bytes.Buffer
	_, err = text.ReadFrom(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return text.String(), err
}

// isHere reports whether a directory says that somebody is there.
func isHere(ctx context.Context, directory, name string) bool {
	text, err := fetch(ctx, directory+"/v1/names?name="+url.QueryEscape(name))
	return err == nil && strings.Contains(text, `"state":"here"`)
}

// ownedBy reports whether a name belongs to an identity key.
func ownedBy(ctx context.Context, directory, name string) bool {
	text, err := fetch(ctx, directory+"/v1/names?name="+url.QueryEscape(name))
	return err == nil && strings.Contains(text, `"identity":`)
}
