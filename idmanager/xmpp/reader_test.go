package xmpp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

const testHeader = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"

func readAll(s string, limit int) ([]*element, error) {
	r := newElementReader(bufio.NewReader(strings.NewReader(s)), limit)
	if _, err := r.header(); err != nil {
		return nil, err
	}
	var all []*element
	for {
		e, err := r.next()
		if err != nil {
			return all, err
		}
		all = append(all, e)
	}
}

func TestElementsAreReadOneByOne(t *testing.T) {
	all, err := readAll(testHeader+" \n<message from='a@b'><body>1 &lt; 2 &amp; &#x41;</body></message> <r xmlns='urn:xmpp:sm:3'/>"+
		"<stream:features><x:y xmlns:x='z'/></stream:features></stream:stream>", maxStanza)
	if !errors.Is(err, io.EOF) || len(all) != 3 {
		t.Fatalf("%d elements, %v", len(all), err)
	}
	if got := all[0].child(nsClient, "body"); all[0].attr("from") != "a@b" || got.words() != "1 < 2 & A" {
		t.Errorf("the message is %s", all[0].bytes(nsClient))
	}
	if !all[1].is(nsResume, "r") || !all[2].is(nsStream, "features") || all[2].child("z", "y") == nil {
		t.Error("namespaces are not kept")
	}
}

func TestWhatXMPPForbidsIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		xml  string
		want error
	}{
		"a comment":                     {testHeader + "<!-- hello --><a/>", errRestricted},
		"a comment in a stanza":         {testHeader + "<a><!-- hello --></a>", errRestricted},
		"a processing instruction":      {testHeader + "<?php echo ?>", errRestricted},
		"one in a stanza":               {testHeader + "<a><?php echo ?></a>", errRestricted},
		"a document type":               {"<!DOCTYPE x [<!ENTITY lol 'lol'>]>" + testHeader, errRestricted},
		"a document type in the stream": {testHeader + "<!DOCTYPE x>", errRestricted},
		"an entity":                     {testHeader + "<a>&lol;</a>", errMalformed},
		"another second XML header":     {"<?xml version='1.0'?>" + testHeader, errRestricted},
		"text between stanzas":          {testHeader + "<a/>hello<b/>", errMalformed},
		"tags that do not match":        {testHeader + "<a><b></a></b>", errMalformed},
		"an attribute twice":            {testHeader + "<a x='1' x='2'/>", errMalformed},
		"bytes that are no UTF-8":       {testHeader + "<a>\xff</a>", errMalformed},
		"a control character":           {testHeader + "<a>\x01</a>", errMalformed},
		"an end in the middle":          {testHeader + "<a><b>", io.ErrUnexpectedEOF},
		"no closing tag":                {testHeader + "<a/>", io.ErrUnexpectedEOF},
		"no stream":                     {"<html><body/></html>", errMalformed},
		"a stanza that is too large":    {testHeader + "<a>" + strings.Repeat("x", maxEarly) + "</a>", errTooLarge},
		"a tag without end":             {testHeader + "<" + strings.Repeat("x", maxEarly), errTooLarge},
		"an attribute without end":      {testHeader + "<a b='" + strings.Repeat("x", maxEarly), errTooLarge},
		"a header without end":          {"<?xml version='1.0'?>" + strings.Repeat(" ", maxEarly) + "<a", errTooLarge},
		"elements nested too deep":      {testHeader + strings.Repeat("<a>", maxDepth+1), errTooLarge},
		"too many attributes":           {testHeader + "<a" + manyAttributes() + "/>", errTooLarge},
	} {
		if _, err := readAll(c.xml, maxEarly); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	many := testHeader + "<a>" + strings.Repeat("<b/>", maxElements) + "</a>"
	if _, err := readAll(many, len(many)); !errors.Is(err, errTooLarge) {
		t.Errorf("too many elements: %v", err)
	}
}

func manyAttributes() string {
	var b strings.Builder
	for i := range maxAttributes + 1 {
		b.WriteString(" a" + strings.Repeat("b", i) + "='1'")
	}
	return b.String()
}

func TestWhiteSpaceKeepsAStreamAlive(t *testing.T) {
	all, err := readAll(testHeader+strings.Repeat(" \n", maxEarly)+"<a/></stream:stream>", maxEarly)
	if !errors.Is(err, io.EOF) || len(all) != 1 {
		t.Errorf("%d elements, %v", len(all), err)
	}
}

// FuzzStream reads anything as a stream; what is read is written, and must be read as the same.
func FuzzStream(f *testing.F) {
	f.Add([]byte(testHeader + "<message from='a@b' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='x'/></event></message>"))
	f.Add([]byte(testHeader + "<iq id='1' type='result'><query xmlns='jabber:iq:roster'><item jid='a@b'>&#9;</item></query></iq></stream:stream>"))
	f.Add([]byte(testHeader + "<x:a xmlns:x='y' x:b='c'><![CDATA[<&>]]></x:a>"))
	f.Add([]byte("<!DOCTYPE a><a/>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := readAll(string(b), 1<<14)
		if err == nil {
			t.Fatal("no end")
		}
		for _, e := range all {
			written := e.bytes(nsClient)
			again, _ := readAll(testHeader+string(written), 1<<20)
			if len(again) != 1 || !bytes.Equal(again[0].bytes(nsClient), written) {
				t.Fatalf("%s is read again as %d elements", written, len(again))
			}
		}
	})
}
