// XML: what is taken of a document, and which documents are refused.
import Testing

@testable import AWSCore

@Suite struct XMLTests {
  private func problem(_ text: String) -> String? {
    do throws(XMLProblem) {
      _ = try XML(Array(text.utf8))
      return nil
    } catch {
      return error.text
    }
  }

  @Test func givesTheTextOfElementsByTheirPath() throws {
    let document = try XML(
      Array(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <A xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <!-- a comment is no text -->
          <B id="1"><C> one &amp; <![CDATA[<two>]]> &#x1F511;
          </C></B>
          <B><C>the second of its name</C></B>
          <D/>
        </A>
        """.utf8))
    #expect(document["A", "B", "C"] == "one & <two> 🔑")
    #expect(document["A", "D"] == "")
    #expect(document["A"] == "")
    #expect(document["A", "C"] == nil)
    #expect(document["B", "C"] == nil)
  }

  @Test func readsTheEncodingThatADocumentNames() throws {
    let text = Array("<?xml version='1.0' encoding='iso-8859-1'?><A>M".utf8) + [0xFC] + Array("ller</A>".utf8)
    #expect(try XML(text)["A"] == "Müller")
  }

  @Test(arguments: [
    "", "   ", "no markup", "<A><B>cut off", "<A></B>", "<A/><A/>", "<A>&nbsp;</A>", "<A b='1' b='2'/>",
    "{\"a\": 1}", "<A>\u{0}</A>",
  ])
  func whatIsNotWholeIsRefused(_ text: String) {
    #expect(problem(text)?.isEmpty == false, "\(text)")
  }

  @Test func theRefusalNamesTheLineAndNeverTheText() {
    #expect(problem("<A>\n<Secret>hush</Secret>\n</B>") == "mismatched tag in line 3")
  }

  @Test func aDocumentTypeIsRefusedBeforeItsEntitiesCanGrow() {
    let lols = (1...9).map { "<!ENTITY l\($0) \"\(String(repeating: "&l\($0 - 1);", count: 10))\">" }
    let laughs = "<!DOCTYPE A [<!ENTITY l0 \"lol\">\(lols.joined())]><A>&l9;</A>"
    #expect(problem(laughs) == "it has a document type declaration")
    let outside = "<!DOCTYPE A [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><A>&x;</A>"
    #expect(problem(outside) == "it has a document type declaration")
    #expect(problem("<!DOCTYPE html><html></html>") == "it has a document type declaration")
  }

  @Test func depthAndSizeAreBounded() {
    let deep = String(repeating: "<A>", count: 100_000) + String(repeating: "</A>", count: 100_000)
    #expect(problem(deep) == "its elements are nested too deep")
    let fine = String(repeating: "<A>", count: 100) + String(repeating: "</A>", count: 100)
    #expect(problem(fine) == nil)
    #expect(
      problem("<A>\(String(repeating: "x", count: XML.largestDocument))</A>") == "it has more than 1 MiB")
  }

  @Test func theFormOfARequestIsPercentEncoded() {
    let form = QueryFormat.form([("Action", "A"), ("Left", nil), ("Name", "ä /+=&~*"), ("Empty", "")])
    #expect(String(decoding: form, as: UTF8.self) == "Action=A&Name=%C3%A4%20%2F%2B%3D%26~%2A&Empty=")
  }

  @Test func errorsAreThoseOfAWSAndNothingElse() {
    func error(_ body: String) -> ServiceError? {
      QueryFormat().error(in: HTTPResponse(status: 403, body: Array(body.utf8)))
    }
    let denied =
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    #expect(error(denied) == ServiceError(code: "AccessDenied", message: "no"))
    #expect(
      error("<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>")
        == ServiceError(code: "X", message: nil))
    let another = "<Response><Errors><Error><Code>X</Code></Error></Errors></Response>"
    #expect(error(another)?.code == "X")
    for foreign in [
      "<html><body>sign in</body></html>", "<ErrorResponse/>", "no", "", String(denied.dropLast()),
    ] {
      #expect(error(foreign) == nil, "\(foreign)")
    }
  }
}
