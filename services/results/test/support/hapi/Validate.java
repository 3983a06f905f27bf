import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** Validates each file against FHIR R4; prints "FILE: LOCATION: MESSAGE" for each error. */
public class Validate {
  public static void main(String[] files) throws Exception {
    FhirContext context = FhirContext.forR4();
    var support =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context));
    var instance = new FhirInstanceValidator(support);
    // Codes of SNOMED CT and DICOM are not in the jars; there is no terminology server.
    instance.setNoTerminologyChecks(true);
    instance.setErrorForUnknownProfiles(true);
    var validator = context.newValidator().registerValidatorModule(instance);
    for (String file : files) {
      var result = validator.validateWithResult(Files.readString(Path.of(file)));
      for (var message : result.getMessages()) {
        if (message.getSeverity().compareTo(ResultSeverityEnum.ERROR) < 0) continue;
        System.out.println(
            Path.of(file).getFileName() + ": " + message.getLocationString() + ": " + message.getMessage());
      }
    }
    System.out.println("validated " + files.length);
  }
}
